"""The app on the pilot's stage here as in the tests of the screen: in English first, undrawn where nobody looks."""

from tests.ui.conftest import english_first, undrawn

__all__ = ["english_first", "undrawn"]
