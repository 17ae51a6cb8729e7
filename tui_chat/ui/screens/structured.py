"""What does an answer in JSON hold, and does it fit? As a tree to unfold, as a table, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Literal, TypeAlias

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import DataTable, Static, Tree
from textual.widgets.tree import TreeNode

from tui_chat.chat.structured import Verdict, cell, path_of, rows_of
from tui_chat.ui import keys
from tui_chat.ui.gate import visible
from tui_chat.ui.section_names import section_names
from tui_chat.ui.verdicts import complaints, said_of
from tui_chat.ui.widgets.foot_line import FootLine, Hint
from tui_chat.ui.widgets.sheet import Sheet, SheetLine, line
from tui_chat.words import t

Wish = Literal["again", "json", "csv"]
"""What the person wants done with the answer."""
Place: TypeAlias = "tuple[str | int, ...]"
SECTIONS = ("tree", "table", "violations")
_OPEN_AT_FIRST = 200
_ROWS_AT_MOST, _CHARACTERS_AT_MOST = 5000, 400


class StructuredScreen(ModalScreen[Wish | None]):
    """Shows one answer's JSON."""

    CSS_PATH = "structured.tcss"
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("structured")]

    def __init__(self, verdict: Verdict, text: str, *, asked: bool = True) -> None:
        """Show an answer.

        Args:
            verdict: what came of it.
            text: the answer as it came.
            asked: whether JSON was asked for; else there is nothing that it must fit.
        """
        super().__init__()
        self._verdict, self._text, self._asked = verdict, text, asked
        self._table = rows_of(verdict.value)
        self.sections = [name for name in SECTIONS if self._has(name)]
        """What can be shown, by names of `SECTIONS`."""
        self.section = "violations" if not verdict.is_json else self.sections[0]
        self._wrong = {violation.path for violation in verdict.violations}

    def _has(self, section: str) -> bool:
        if section == "tree":
            return self._verdict.is_json
        return self._table is not None if section == "table" else self._asked

    def compose(self) -> ComposeResult:
        """The sections' names, the tree, the table, what is wrong, the keys."""
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(t("structured.title"))
            frame.border_subtitle = Content(visible(said_of(self._verdict) if self._asked else "", newline=False))
            yield Static(classes="sections")
            if self._verdict.is_json:
                tree: Tree[Place] = Tree(self._label("$", self._verdict.value, ()), (), id="tree")
                tree.auto_expand = False
                yield tree
            if self._table is not None:
                yield DataTable(id="table", cursor_type="row", zebra_stripes=True)
            if self._asked:
                yield Sheet(violation_lines(self._verdict, self._text), id="violations", can_focus=True)
            yield FootLine()

    def on_mount(self) -> None:
        """Unfold what fits, fill the table, show the first section."""
        if self._verdict.is_json:
            self._unfold_some(self.query_one("#tree", Tree))
        if self._table is not None:
            self._fill_table(*self._table)
        self.query_one(FootLine).show_hints(self._hints())
        self.action_show(self.section)

    # --- what the person does ---

    def action_section(self, step: int) -> None:
        """The next section, or the one before."""
        at = self.sections.index(self.section)
        self.action_show(self.sections[(at + step) % len(self.sections)])

    def action_show(self, section: str) -> None:
        """This section."""
        if section not in self.sections:
            return
        self.section = section
        for name in self.sections:
            self.query_one(f"#{name}").display = name == section
        self.query_one(f"#{section}").focus()
        labels = {name: self._section_name(name) for name in self.sections}
        self.query_one(".sections", Static).update(section_names(labels, section))

    def action_copy(self) -> None:
        """What the cursor is on in the tree; else all of it."""
        value, found = self._verdict.value, self._text
        if self.section == "tree" and (node := self.query_one("#tree", Tree).cursor_node) is not None:
            value = at_place(value, node.data or ())
            found = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        elif self.section == "violations":
            found = self.query_one("#violations", Sheet).text
        elif self._verdict.is_json:
            found = json.dumps(value, ensure_ascii=False, indent=2)
        self.app.copy_to_clipboard(found)

    def action_again(self) -> None:
        """Ask again, with what is wrong."""
        if self._verdict.is_valid or not self._asked:
            self.notify(t("structured.nothing_wrong"), severity="warning", markup=False)
        else:
            self.dismiss("again")

    def action_export(self, kind: str) -> None:
        """Write it to a file."""
        if not self._verdict.is_json:
            self.notify(t("structured.not_json"), severity="warning", markup=False)
        elif kind == "csv" and self._table is None:
            self.notify(t("structured.no_table"), severity="warning", markup=False)
        else:
            self.dismiss("csv" if kind == "csv" else "json")

    def action_cancel(self) -> None:
        """Close."""
        self.dismiss(None)

    # --- the tree ---

    @on(Tree.NodeExpanded)
    def _unfolded(self, event: Tree.NodeExpanded[Place]) -> None:
        event.stop()
        self._grow(event.node)

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[Place]) -> None:
        event.stop()
        if event.node.allow_expand:
            event.node.toggle()

    def _unfold_some(self, tree: Tree[Place]) -> None:
        """Unfold from the top down, as long as that leaves the whole in view."""
        waiting, shown = [tree.root], 1
        for node in waiting:
            inner = at_place(self._verdict.value, node.data or ())
            if not isinstance(inner, dict | list) or shown + len(inner) > _OPEN_AT_FIRST:
                continue
            self._grow(node)
            node.expand()
            shown += len(inner)
            waiting.extend(node.children)

    def _grow(self, node: TreeNode[Place]) -> None:
        """Hang on what stands in it, unless that was done."""
        place = node.data or ()
        value = at_place(self._verdict.value, place)
        if node.children or not isinstance(value, dict | list):
            return
        pairs: Iterable[tuple[str | int, object]] = value.items() if isinstance(value, dict) else enumerate(value)
        for number, (name, inner) in enumerate(pairs):
            if number >= _ROWS_AT_MOST:
                node.add_leaf(Text(t("structured.more", count=len(value) - number), "dim"), place)
                return
            label = self._label(str(name) if isinstance(name, str) else f"[{name}]", inner, (*place, name))
            node.add(label, (*place, name), allow_expand=isinstance(inner, dict | list) and bool(inner))

    def _label(self, name: str, value: object, place: Place) -> Text:
        variables = self.app.theme_variables
        wrong = path_of(place) in self._wrong
        label = Text(no_wrap=True)
        label.append("✕ " if wrong else "", variables.get("error", ""))
        label.append(visible(name, newline=False), f"bold {variables.get('error', '')}" if wrong else "bold")
        match value:
            case dict():
                label.append(f"  {{{len(value)}}}", "dim")
            case list():
                label.append(f"  [{len(value)}]", "dim")
            case _:
                label.append("  ")
                label.append(_short(value), "" if isinstance(value, str) else variables.get("accent", ""))
        return label

    # --- the table ---

    def _fill_table(self, columns: list[str], rows: list[dict[str, object]]) -> None:
        table: DataTable[Text] = self.query_one("#table", DataTable)
        table.add_columns(*(Text(visible(column, newline=False)[:60]) for column in columns))
        for row in rows[:_ROWS_AT_MOST]:
            table.add_row(*(Text(visible(cell(row.get(column)), newline=False)[:80]) for column in columns))

    # --- around it ---

    def _section_name(self, section: str) -> str:
        count = len(self._verdict.violations) if section == "violations" else 0
        return t(f"structured.section.{section}") + (f" {count}" if count else "")

    def _hints(self) -> list[Hint]:
        left_out = set()
        if self._table is None:
            left_out.add("csv")
        if self._verdict.is_valid or not self._asked:
            left_out.add("again")
        if len(self.sections) < 2:
            left_out.add("next")
        rows = [key for key in keys.KEYS if key.where == "structured" and key.footer and key.name not in left_out]
        hints = [Hint(keys.shown(key.id), key.label, f"screen.{key.action}") for key in rows]
        return [*hints, Hint(keys.shown("dialog.cancel"), keys.BY_ID["dialog.cancel"].label, "screen.cancel")]


def violation_lines(verdict: Verdict, text: str) -> list[SheetLine]:
    """What is wrong, each with its path; under it the answer as it came where that is no JSON."""
    if verdict.is_valid:
        return [line(visible(said_of(verdict)), "added", prose=True)]
    lines: list[SheetLine] = []
    for path, reason in complaints(verdict):
        lines += [line(visible(path, newline=False), "strong"), line(visible(reason), indent=2, prose=True), line()]
    if not verdict.is_json:
        lines.append(line(t("structured.as_it_came"), "label"))
        lines += [line(each) for each in visible(text).split("\n")]
    return lines


def at_place(value: object, place: Place) -> object:
    """What stands at a place of a JSON value."""
    for step in place:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    return value


def _short(value: object) -> str:
    text = visible(json.dumps(value, ensure_ascii=False), newline=False)
    return text if len(text) <= _CHARACTERS_AT_MOST else f"{text[:_CHARACTERS_AT_MOST]}…"
