"""What belongs together among the parameters? A heading and its fields; seldom used ones wait folded, not even made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from tui_chat.ui.widgets.parameter_field import ParameterField
from tui_chat.wire.params import Param, Value
from tui_chat.words import t


class GroupHead(Widget):
    """A heading; of a group that folds, with a triangle and how much of it is set."""

    DEFAULT_CSS = """
    GroupHead { height: 1; color: $text-primary; }
    GroupHead.-folding { pointer: pointer; }
    GroupHead:focus { background: $primary 20%; }
    GroupHead:ansi:focus { text-style: reverse; }
    """
    BINDINGS = [Binding("enter,space", "fold", show=False)]

    @dataclass
    class Toggled(Message):
        """The group is to be folded, or unfolded."""

        head: GroupHead

    def __init__(self, label: str, *, folds: bool) -> None:
        super().__init__(classes="-folding" if folds else None)
        self.can_focus = folds
        self._label, self._folds = label, folds
        self._open, self._count, self._doubtful = False, 0, False

    def show(self, *, open: bool, count: int, doubtful: bool) -> None:
        """Show whether the group is open, how many of it are set, and whether something is to be said of them."""
        self._open, self._count, self._doubtful = open, count, doubtful
        self.refresh()

    def render(self) -> Content:
        """One line."""
        if not self._folds:
            return Content(self._label)
        pieces: list[Content | tuple[str, str]] = [Content(f"{'▾' if self._open else '▸'} {self._label}")]
        if self._count and not self._open:
            pieces.append((f"  {t('parameters.count_set', count=self._count)}", "$foreground"))
        if self._doubtful and not self._open:
            pieces.append(("  !", "bold $text-warning"))
        return Content.assemble(*pieces)

    def action_fold(self) -> None:
        """Fold or unfold."""
        if self.can_focus:
            self.post_message(self.Toggled(self))

    def on_click(self, event: Click) -> None:
        """The same by mouse."""
        event.stop()
        self.action_fold()


class ParameterGroup(Vertical):
    """A heading and its fields."""

    DEFAULT_CSS = """
    ParameterGroup { height: auto; margin-top: 1; }
    ParameterGroup.-folding { margin-top: 0; }
    ParameterGroup.-first { margin-top: 0; }
    ParameterGroup.-folding.-after-open { margin-top: 1; }
    """

    def __init__(self, name: str, params: Sequence[Param], *, folds: bool, classes: str = "") -> None:
        super().__init__(id=f"group-{name}", classes=f"{classes} {'-folding' if folds else ''}".strip() or None)
        self.params = tuple(params)
        self.folds = folds
        self.is_open = not folds
        """Whether the person has it open."""
        self._label = t(f"param.group.{name}")
        self._values: dict[str, Value] = {}
        self._remarks: dict[str, str] = {}
        self._quiet: frozenset[str] = frozenset()
        self._shown: Collection[str] | None = None

    def compose(self) -> ComposeResult:
        """The heading; the fields where it is open."""
        yield GroupHead(self._label, folds=self.folds)
        if self.is_open:
            for param in self.params:
                yield ParameterField(param)

    @property
    def fields(self) -> list[ParameterField]:
        """The fields that are made."""
        return list(self.query(ParameterField))

    def show(self, values: Mapping[str, Value], *, anew: bool = False) -> None:
        """Show which values are in force, by row."""
        self._values = {param.name: values[param.name] for param in self.params if param.name in values}
        for field in self.fields:
            field.show(self._values.get(field.param.name), anew=anew)
        self._head()

    def count(self, values: Mapping[str, Value]) -> None:
        """Know which values are in force; the fields know already."""
        self._values = {param.name: values[param.name] for param in self.params if param.name in values}
        self._head()

    def remark(self, remarks: Mapping[str, str], quiet: Collection[str] = ()) -> None:
        """Say this of the values, by row; of the `quiet` rows it is no warning."""
        self._quiet = frozenset(quiet)
        self._remarks = {param.name: remarks[param.name] for param in self.params if param.name in remarks}
        for field in self.fields:
            field.remark(self._remarks.get(field.param.name, ""), quiet=field.param.name in self._quiet)
        self._head()

    async def unfold(self, open: bool) -> None:
        """Fold or unfold it, for good."""
        self.is_open = open or not self.folds
        await self._make()

    async def narrow(self, shown: Collection[str] | None) -> None:
        """Show only these rows, whether it is folded or not; None for all, as before."""
        self._shown = shown
        self.display = shown is None or bool(shown)
        await self._make()

    async def _make(self) -> None:
        is_open = self._is_open_now()
        if is_open and not self.fields:
            await self.mount(*(ParameterField(param) for param in self.params))
            self.show(self._values)
            self.remark(self._remarks, self._quiet)
        for field in self.fields:
            field.display = is_open and (self._shown is None or field.param.name in self._shown)
        self._head()

    def _is_open_now(self) -> bool:
        return self.is_open if self._shown is None else bool(self._shown)

    def _head(self) -> None:
        if self.is_mounted:
            head = self.query_one(GroupHead)
            head.can_focus = self.folds and self._shown is None  # what was searched for is not to be folded away
            doubtful = bool(self._remarks.keys() - self._quiet)
            head.show(open=self._is_open_now(), count=len(self._values), doubtful=doubtful)
