"""What is there to know of a message, with what the gateway took for it? Facts, the shares of its tokens, its charge.

The charge is asked for by a key, never by itself: gateways answer such questions only a few times in twenty minutes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll

from tui_chat.errors import ChatError
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.dialogs import Dialog
from tui_chat.ui.usage_bar import as_content, bar, legend
from tui_chat.ui.widgets.prose import Prose
from tui_chat.wire.messages import Usage
from tui_chat.words import t

AskCharge = Callable[[], Awaitable[str]]
"""Asks what a request cost; a sentence."""


class MessageDetails(Dialog[None]):
    """Shows facts as label and value."""

    DEFAULT_CSS = """
    MessageDetails { align: center middle; background: $background 60%; }
    MessageDetails .usage { margin: 1 0 0 0; }
    """
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("details"), Binding("enter,i,q", "cancel", show=False)]

    def __init__(
        self, rows: Sequence[tuple[str, str]], usage: Usage | None = None, ask_charge: AskCharge | None = None
    ) -> None:
        """`ask_charge` is None where there is nothing to ask for."""
        super().__init__()
        self._rows, self._usage, self._ask_charge = rows, usage, ask_charge

    def compose(self) -> ComposeResult:
        """Title, rows, tokens, charge."""
        with VerticalScroll(classes="dialog wide"):
            yield Prose(t("ui.details.title"), classes="question")
            for label, value in self._rows:
                if label == t("ui.details.request") and self._ask_charge is not None:
                    with Horizontal(classes="row"):
                        yield Prose(t("charge.label"), classes="label")
                        yield Prose(t("charge.hint", key=keys.shown("details.charge")), id="charge", classes="value")
                with Horizontal(classes="row"):
                    yield Prose(visible(label), classes="label")
                    yield Prose(visible(value), classes="value")
            if self._usage is not None and self._usage.known():
                yield _Shares(self._usage, classes="usage")
            yield Prose(t("dialog.close_hint"), classes="hint")

    def on_mount(self) -> None:
        """Let the arrow keys scroll it."""
        self.query_one(VerticalScroll).focus()

    def action_charge(self) -> None:
        """Ask what the gateway took for it."""
        if self._ask_charge is not None:
            self.query_one("#charge", Prose).update(t("charge.asking"))
            self.run_worker(self._charge(self._ask_charge), exclusive=True, exit_on_error=False)

    async def _charge(self, ask: AskCharge) -> None:
        try:
            says = await ask()
        except ChatError as error:
            says = speech.explain(error)
        if self.is_attached:
            self.query_one("#charge", Prose).update(visible(says))

    def action_cancel(self) -> None:
        """Close."""
        self.dismiss(None)


class _Shares(Prose):
    """The bar and its legend, as wide as there is room."""

    def __init__(self, usage: Usage, classes: str) -> None:
        super().__init__(classes=classes)
        self._usage = usage

    def on_resize(self) -> None:
        """Draw the bar for this width."""
        if self.size.width > 4:
            self.update(as_content([bar(self._usage, self.size.width - 2), *legend(self._usage)]))
