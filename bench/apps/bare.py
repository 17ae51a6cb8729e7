"""What does Textual itself cost? A text area and a footer, and nothing else."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Footer, TextArea


class Bare(App[None]):
    """The least that a person can type into."""

    def compose(self) -> ComposeResult:
        """The two widgets."""
        yield TextArea("ready")
        yield Footer()


if __name__ == "__main__":
    Bare().run()
