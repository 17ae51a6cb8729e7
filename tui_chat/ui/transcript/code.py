"""How is code drawn? On a ground of its own, a cell of it at each side, the language above, long lines folded."""

from __future__ import annotations

from math import ceil

from rich.segment import Segment

from tui_chat.ui.gate import visible
from tui_chat.ui.transcript.block import Block, Fence
from tui_chat.ui.transcript.highlight import ROOT, Colours, State, highlight
from tui_chat.ui.transcript.inline import Run, divided
from tui_chat.ui.transcript.rows import Rows, Styles, add_key
from tui_chat.ui.transcript.wrap import fold, width_of

_RUN_OF_CHUNKS = 16  # the highlighter starts afresh every so often: drawing one chunk lexes at most 15 others
_TAB_CELLS = 4


def lay_out_code(block: Block, width: int, styles: Styles) -> Rows:
    """Rows of a closed chunk of a fence, its language above the first."""
    rows = opening_rows(block, width, styles)
    colours, _ = _coloured(block)
    add_code(rows, colours, width, styles, whole=block.pan is not None)
    return rows


def code_rows(code: str, language: str, width: int, styles: Styles) -> Rows:
    """Rows of code that is no block of its own: inside a list or a quote."""
    rows = Rows()
    if language:
        _add_label(rows, language, width, styles)
    add_code(rows, highlight(_tamed(code), language)[0], width, styles)
    return rows


def opening_rows(block: Block, width: int, styles: Styles) -> Rows:
    """What goes above a chunk of code: a blank row, the language."""
    rows = Rows()
    if block.lead:
        rows.add([], 0)
    if block.first and block.language:
        _add_label(rows, block.language, width, styles)
    return rows


def state_before(block: Block) -> State:
    """The highlighter's state where `block` begins; chunks before it are lexed if they were not yet."""
    fence = block.fence
    if fence is None:
        return ROOT
    known = block.chunk
    while known % _RUN_OF_CHUNKS and known not in fence.states:
        known -= 1
    for number in range(known, block.chunk):
        if number < len(fence.chunks):
            _lex_chunk(fence, fence.chunks[number])
    return fence.states.get(block.chunk, ROOT)


def _coloured(block: Block) -> tuple[Colours, State]:
    state = state_before(block)
    return _lex_chunk(block.fence, block, state) if block.fence else highlight(_tamed(block.source), block.language)


def _lex_chunk(fence: Fence, block: Block, state: State | None = None) -> tuple[Colours, State]:
    if state is None:
        state = fence.states.get(block.chunk, ROOT)
    colours, after = highlight(_tamed(block.source), block.language, state)
    if (block.chunk + 1) % _RUN_OF_CHUNKS:
        fence.states[block.chunk + 1] = after
    return colours, after


def _tamed(code: str) -> str:
    return visible(code).expandtabs(_TAB_CELLS)


def _add_label(rows: Rows, language: str, width: int, styles: Styles) -> None:
    label = visible(language, newline=False)
    inner = max(1, width - 2)
    if width_of(label) > inner:
        label = label[: next(fold(label, inner), len(label))]
    padding = " " * max(0, inner - width_of(label))
    rows.add([Segment(f" {label}{padding} ", styles["fence+muted"])], bare=True)


def add_code(rows: Rows, colours: Colours, width: int, styles: Styles, *, whole: bool = False) -> None:
    """Add lines of coloured code to `rows`, padded to `width` cells; longer ones are folded, or kept if `whole`."""
    ground = styles["fence"]
    edge = Segment(" ", ground)
    inner = max(2, width - 2)
    for pieces in colours:
        runs: list[Run] = [(text, add_key("fence", key), "") for text, key in pieces]
        text = "".join(piece[0] for piece in pieces)
        cells = width_of(text)
        if whole:
            rows.breadth = max(rows.breadth, cells + 2)
        parts = [runs] if whole or cells <= inner else list(divided(runs, list(fold(text, inner))))
        for number, part in enumerate(parts):
            used = cells if len(parts) == 1 else width_of("".join(run[0] for run in part))
            padding = max(0, inner - used)
            segments = [edge, *(Segment(text, styles[key]) for text, key, _ in part)]
            segments.append(Segment(" " * (padding + 1), ground))
            end = sum(len(run[0]) for run in part) + 1
            rows.add(segments, used + padding + 2, skip=1, end=end, soft=number > 0)


def estimate_code_rows(block: Block, width: int) -> int:
    """About how many rows a chunk of code takes."""
    inner = max(2, width - 2)
    above = int(block.lead) + int(block.first and bool(block.language))
    if block.pan is not None:
        return above + block.source.count("\n") + 1
    return above + sum(max(1, ceil(len(line) / inner)) for line in block.source.split("\n"))


class GrowingCode:
    """Lays out the open chunk of a fence frame after frame: lines that are whole are coloured and built once."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._done = ""
        self._state = ROOT
        self._rows = Rows()

    def lay_out(self, block: Block, width: int, styles: Styles) -> Rows:
        """Rows of `block`; those of whole lines are the same objects as in the frame before."""
        whole = block.pan is not None
        of = (block.fence, block.chunk, width, styles, styles.generation, whole)
        if of != self._of or not block.source.startswith(self._done):
            self._of, self._done, self._state = of, "", state_before(block)
            self._rows = opening_rows(block, width, styles)
        end = block.source.rfind("\n") + 1
        if end > len(self._done):
            colours, self._state = highlight(
                _tamed(block.source[len(self._done) : end - 1]), block.language, self._state
            )
            add_code(self._rows, colours, width, styles, whole=whole)
            self._done = block.source[:end]
        rows = Rows()
        rows.extend(self._rows)
        colours, _ = highlight(_tamed(block.source[end:]), block.language, self._state)
        add_code(rows, colours, width, styles, whole=whole)
        return rows
