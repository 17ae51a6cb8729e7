from __future__ import annotations

from tests.store.material import ANSWER, ASKED, CHANGES, HEAD, NODES, TIME
from tui_chat.store.index import Span, salvage, scan
from tui_chat.store.records import change_record, head_record, node_record

RECORDS = [head_record(HEAD), *(change_record(change, seq, TIME) for seq, change in enumerate(CHANGES, 1))]
WHOLE = b"".join(RECORDS)


def test_every_record_is_found_with_what_an_index_needs() -> None:
    layout = scan(WHOLE)
    assert (layout.pieces, layout.torn_at) == ([], None)
    assert [span.kind for span in layout.spans] == [
        "session", "node", "node", "change", "node", "change", "change", "change",
    ]  # fmt: skip
    nodes = [span for span in layout.spans if span.kind == "node"]
    assert [(span.id, span.parent, span.role) for span in nodes] == [
        (node.id, node.parent, node.role) for node in NODES
    ]
    assert [span.seq for span in layout.spans] == list(range(8))
    assert WHOLE[nodes[0].start : nodes[0].stop] == node_record(ASKED, 1)[1:].partition(b"# end ")[0]


def test_blank_lines_and_a_missing_last_line_end_are_no_gaps() -> None:
    spaced = b"\n\n".join(RECORDS).rstrip(b"\n")
    layout = scan(spaced)
    assert (len(layout.spans), layout.pieces, layout.torn_at) == (8, [], None)


def test_a_record_cut_off_at_the_end_is_torn() -> None:
    layout = scan(WHOLE + RECORDS[1][:40])
    assert (len(layout.spans), layout.torn_at) == (8, len(WHOLE) + 1)
    layout = scan(WHOLE + b"\0" * 700)
    assert (len(layout.spans), layout.torn_at) == (8, len(WHOLE))


def test_an_altered_record_before_a_torn_one_is_a_piece_of_its_own() -> None:
    altered = RECORDS[2].replace(b"Hm.", b"Hn.")
    content = b"".join(RECORDS[:2]) + altered + RECORDS[3][:50]
    layout = scan(content)
    assert [content[piece.start : piece.stop].strip()[:8] for piece in layout.pieces] == [b"[[node]]"]
    assert layout.torn_at == len(content) - 49


def test_a_record_quoted_in_a_text_is_not_found() -> None:
    quoted = node_record(ANSWER, 5).decode()
    node = type(ASKED)("a000000009", None, "user", (type(ASKED.parts[0])(quoted),), TIME)  # type: ignore[call-arg]
    layout = scan(RECORDS[0] + node_record(node, 1))
    assert [span.id for span in layout.spans] == ["", "a000000009"]


def test_a_trailer_that_lies_about_its_length_is_none() -> None:
    content = RECORDS[0] + b"\nx = 1\n# end 999999 00000000\n" + RECORDS[1]
    layout = scan(content)
    assert [span.kind for span in layout.spans] == ["session", "node"]
    assert len(layout.pieces) == 1


def test_what_a_damaged_record_still_tells_is_salvaged() -> None:
    assert salvage(RECORDS[2][:120] + b"\0\0") == (ANSWER.id, ANSWER.parent, "assistant")
    assert salvage(b"\0\0") == ("", None, "")
    assert Span("node", 0, 1).role == "user"
