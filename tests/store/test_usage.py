"""What was used, folded from session files: each answer once, by day, chat and model."""

from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from tests.store.material import ANSWER, ASKED, HEAD, TIME
from tui_chat.chat.node import Head, Node, Timing
from tui_chat.chat.tree import NodeAdded, NodesDeleted
from tui_chat.store.places import places
from tui_chat.store.sessions import Library
from tui_chat.store.usage import answers, fold
from tui_chat.wire.messages import Text, Usage


def write(library: Library, head: Head, *nodes: Node, deleted: tuple[str, ...] = ()) -> None:
    journal = library.create(head)
    for node in nodes:
        journal.append(NodeAdded(node))
    if deleted:
        journal.append(NodesDeleted(deleted))
    journal.close()


def test_answers_are_counted_once_whatever_became_of_them():
    library = Library(places())
    retried = replace(ANSWER, id="r", timing=Timing(1.0, 9.0), usage=Usage(5, 1, cached_tokens=4), request_id="r-2")
    copied = replace(retried, id="c", parts=(Text("edited"),))
    later = replace(ANSWER, id="l", time=TIME + timedelta(days=3), model="other", request_id="r-3")
    write(library, HEAD, ASKED, ANSWER, retried, copied, deleted=("r",))
    write(library, Head("c0ffee0002", TIME), ASKED, later)
    used = fold(library.summaries(), lambda node: 0.5 if node.model == "deep-1" else None)
    total = used.total
    assert (total.answers, total.cost, total.unpriced) == (3, 1.0, 1)
    assert total.tokens == {"prompt_tokens": 15, "completion_tokens": 15, "cached_tokens": 4}
    assert [(row.name, row.answers) for row in used.by_chat()] == [(HEAD.id, 2), ("c0ffee0002", 1)]
    assert used.by_chat()[0].title == "Words"
    assert [row.answers for row in used.by_day()] == [1, 2]  # the last first
    assert {row.name for row in used.by_model()} == {"deep-1", "other"}


def test_a_parameter_that_looks_like_the_border_of_the_parts_hides_no_answer(tmp_path: Path):
    library = Library(places())
    odd = replace(ANSWER, values={"user": "x\n[[node.parts]]\n[node.usage]\ny"})
    write(library, HEAD, ASKED, odd)
    found = list(answers(library.path(HEAD.id), HEAD.id))
    assert [(node.id, node.usage) for node in found] == [(ANSWER.id, ANSWER.usage)]


def test_whoever_waits_no_longer_is_not_kept_waiting():
    library = Library(places())
    write(library, HEAD, ASKED, ANSWER)
    assert fold(library.summaries(), cancelled=lambda: True).total.answers == 0


def test_a_file_that_is_gone_is_passed_over(tmp_path: Path):
    assert list(answers(tmp_path / "none.toml", "x")) == []
