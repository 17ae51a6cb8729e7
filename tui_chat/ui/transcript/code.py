"""How is code drawn? On a ground of its own, a cell of it at each side, the language above, long lines folded."""

from __future__ import annotations

from math import ceil

from rich.segment import Segment

from tui_chat.ui.gate import visible
from tui_chat.ui.transcript.block import Block, Fence
from tui_chat.ui.transcript.highlight import ROOT, Colours, State, coloured, highlight, styles_of
from tui_chat.ui.transcript.inline import Run, divided
from tui_chat.ui.transcript.rows import Rows, Styles, add_key
from tui_chat.ui.transcript.wrap import fold, width_of

_RUN_OF_CHUNKS = 48
"""The highlighter starts afresh every so often: a run of chunks, some 100 kB, is what is lexed as a whole."""
_LOOK_BACK = 2
"""Chunks that are lexed, at most, to know how another begins; it is a guess until the run is lexed on a thread. None
while the fence is open: of what comes faster than it is drawn, not all that rushed by is lexed."""
_WHOLE_S = 2.0
"""Of the processor, at most, to lex a run; whatever takes longer keeps the colours that were guessed."""
_TAB_CELLS = 4


def lay_out_code(block: Block, width: int, styles: Styles) -> Rows:
    """Rows of a closed chunk of a fence, its language above the first."""
    rows = opening_rows(block, width, styles)
    add_code(rows, _coloured(block), width, styles, whole=block.pan is not None)
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
    """The highlighter's state where `block` begins, as far as the chunks just before it tell; they are lexed for it."""
    fence = block.fence
    if fence is None:
        return ROOT
    known = block.chunk
    earliest = max(known - known % _RUN_OF_CHUNKS, known - (_LOOK_BACK if fence.closed else 0))
    while known > earliest and known not in fence.states:
        known -= 1
    for number in range(known, block.chunk):
        if number < len(fence.chunks):
            _lex_chunk(fence, fence.chunks[number])
    return fence.states.get(block.chunk, ROOT)


def run_to_lex(block: Block) -> int | None:
    """Which run of chunks is to be lexed as a whole for `block`; None where that is done, or asked for, or no use."""
    fence, run = block.fence, block.chunk // _RUN_OF_CHUNKS
    if fence is None or not fence.language or not fence.closed or run in fence.asked:
        return None
    return run if len(_run(fence, run)) > 1 else None


def lex_run(fence: Fence, run: int) -> None:
    """Colour a run of chunks of a closed fence as if it were not cut; for a thread."""
    chunks = [(chunk, _tamed(chunk.source)) for chunk in _run(fence, run)]
    whole = "".join(text + "\n" for _, text in chunks).removesuffix("\n")
    styles = styles_of(whole, fence.language, within_s=_WHOLE_S)
    if styles is None:
        return
    at = 0
    for chunk, text in chunks:
        fence.colours[chunk.chunk] = styles[at : at + len(text)]
        at += len(text) + 1


def _run(fence: Fence, run: int) -> list[Block]:
    return fence.chunks[run * _RUN_OF_CHUNKS : (run + 1) * _RUN_OF_CHUNKS]


def _coloured(block: Block) -> Colours:
    fence = block.fence
    if fence is None:
        return highlight(_tamed(block.source), block.language)[0]
    if (styles := fence.colours.get(block.chunk)) is not None:
        return coloured(_tamed(block.source), styles)
    state_before(block)
    return _lex_chunk(fence, block)[0]


def _lex_chunk(fence: Fence, block: Block) -> tuple[Colours, State]:
    colours, after = highlight(_tamed(block.source), block.language, fence.states.get(block.chunk, ROOT))
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
