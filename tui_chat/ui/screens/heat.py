"""How sure was the model? One answer, tinted by the probability of each token, and what might have stood there."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_chat.ui import heat_steps, keys
from tui_chat.ui.gate import visible
from tui_chat.ui.heat_steps import LEVELS, Other, Step
from tui_chat.ui.transcript.looks import style_of
from tui_chat.ui.widgets.foot_line import FootLine, Hint
from tui_chat.ui.widgets.heat_text import STYLES, HeatText
from tui_chat.ui.widgets.sheet import Sheet
from tui_chat.wire.logprobs import Logprobs
from tui_chat.words import t

_RICHLY = 22
"""Rows of the screen from which on every alternative has one of its own in view."""


class HeatScreen(ModalScreen[str | None]):
    """Shows how likely an answer was; its result is the text that another answer is to begin with."""

    CSS_PATH = "heat.tcss"
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("heat_others")]

    def __init__(self, logprobs: Logprobs, text: str, *, model: str = "", may_continue: bool = True) -> None:
        """Show an answer.

        Args:
            logprobs: of its tokens.
            text: all that it says; what stands before its first known token is shown as given.
            model: who answered.
            may_continue: whether another answer may be begun from it now.
        """
        super().__init__()
        self._refuses = not logprobs.content
        self._steps: list[Step] = heat_steps.steps_of(logprobs.content or logprobs.refusal)
        said = "".join(step.text for step in self._steps)
        known = text.rfind(said.strip()) if said.strip() else -1
        self.given = text[:known] if known > 0 and not self._refuses else ""
        """What the answer says before its first token that is known."""
        if self.given and said[:1].isspace():
            self.given = self.given.rstrip()
        self._model, self._may_continue = model, may_continue
        self._marked = 0
        self._others: list[Other] = []

    def compose(self) -> ComposeResult:
        """The legend, the answer, what is known of the step under the cursor, the keys."""
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(t("heat.title"))
            frame.border_subtitle = Content(visible(self._subtitle(), newline=False))
            yield Static(classes="legend")
            yield HeatText(self._steps, self.given)
            with Vertical(classes="about"):
                yield Sheet(id="facts")
                yield Sheet(id="others")
            yield FootLine()

    def on_mount(self) -> None:
        """Begin at the first step."""
        self.query_one(HeatText).focus()
        self.query_one(FootLine).show_hints(self._hints())
        self._legend()
        self._show()

    def on_resize(self) -> None:
        """Bars have the width there is, and the answer its rows."""
        self.query_one(".about").set_class(self.size.height < _RICHLY, "-tight")
        self.call_after_refresh(self._show)

    # --- what the person does ---

    @on(HeatText.Moved)
    def _moved(self, event: HeatText.Moved) -> None:
        event.stop()
        self._show()

    def action_mark(self, step: int) -> None:
        """Mark the next token that might have come, or the one before."""
        if self._others:
            self._marked = (self._marked + step) % len(self._others)
            self._show_others()

    def action_continue(self) -> None:
        """Have the model go on from the marked token."""
        if not self._others:
            return
        if self._refuses or not self._may_continue:
            self.notify(t("heat.not_now"), severity="warning", markup=False)
            return
        text = heat_steps.text_up_to(self._steps, self.query_one(HeatText).at, self._others[self._marked])
        if text is None:
            self.notify(t("heat.no_character"), severity="warning", markup=False)
        else:
            self.dismiss(self.given + text)

    def action_cancel(self) -> None:
        """Close."""
        self.dismiss(None)

    # --- what is shown ---

    def _show(self) -> None:
        if not self._steps:
            return
        at = self.query_one(HeatText).at
        step = self._steps[at]
        self._others = heat_steps.others_of(step)
        self._marked = next((i for i, row in enumerate(self._others) if not row.is_taken), 0)
        self.query_one("#facts", Sheet).show(heat_steps.facts_of(step))
        self._show_others()

    def _show_others(self) -> None:
        sheet = self.query_one("#others", Sheet)
        sheet.show(heat_steps.other_lines(self._others, self._marked, sheet.size.width))
        self.call_after_refresh(self._reveal)

    def _reveal(self) -> None:
        sheet = self.query_one("#others", Sheet)
        height = sheet.scrollable_content_region.height
        if height and self._marked >= height:
            sheet.step(self._marked - height + 1)

    def _legend(self) -> None:
        ground = self.query_one(HeatText).background_colors[1]
        legend = Text()
        for _, name in LEVELS:
            legend.append(f" {t(f'heat.level.{name}')} ", style_of(STYLES[name], self.app.theme_variables, ground))
            legend.append(" ")
        self.query_one(".legend", Static).update(legend)

    def _subtitle(self) -> str:
        sure = [step.probability for step in self._steps]
        mean = t("heat.mean", share=f"{100 * sum(sure) / len(sure):.0f}") if sure else ""
        return " · ".join(filter(None, (self._model, t("heat.count", count=len(self._steps)), mean)))

    def _hints(self) -> list[Hint]:
        rows = [key for where in ("heat_others", "heat") for key in keys.KEYS if key.where == where and key.footer]
        hints = [Hint(keys.shown(key.id), key.label, self._action(key)) for key in rows]
        return [*hints, Hint(keys.shown("dialog.cancel"), keys.BY_ID["dialog.cancel"].label, "screen.cancel")]

    @staticmethod
    def _action(key: keys.Key) -> str:
        return f"screen.{key.action}" if key.where == "heat_others" else f"screen.in_text({key.action!r})"

    async def action_in_text(self, action: str) -> None:
        """Do what a key of the text does, for a click on its hint."""
        await self.query_one(HeatText).run_action(action)
