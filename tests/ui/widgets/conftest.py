"""Each test here has a language of its own."""

from tests.ui.languages import chinese, english, language

__all__ = ["chinese", "english", "language"]
