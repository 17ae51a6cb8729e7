"""From a search in all chats to the message that was found."""

from __future__ import annotations

from datetime import timedelta

from textual.widgets import Input

from tests.gateway.answers import DONE, Hold, sse
from tests.gateway.server import FakeGateway
from tests.gateway.upstreams import openai
from tests.store.material import TIME, keep, said
from tests.ui.whole_app import MODEL, Scene, on_stage
from tui_chat.chat.node import Head
from tui_chat.chat.tree import NodeAdded, NodesDeleted
from tui_chat.store.places import places
from tui_chat.store.sessions import Library
from tui_chat.ui.screens.search import SearchScreen
from tui_chat.ui.transcript.view import Transcript

CHAT = "c0ffee0001"
FILLING = "\n\n".join(f"paragraph {number}" for number in range(80))
QUESTION = said(0, None, "which fruit?")
OLD = said(1, QUESTION.id, f"{FILLING}\n\ntake an Apple\n\n{FILLING}\n\nor an apple pie")
NEW = said(3, QUESTION.id, "take a pear")


def keep_branches(chat: str = CHAT) -> None:
    """A question with two answers; the older one, not on the active path, is long and says "apple" twice."""
    later = said(2, OLD.id, "thanks")
    keep(
        Library(places()),
        Head(chat, TIME + timedelta(days=1), title="Fruit", model=MODEL),
        tuple(NodeAdded(node) for node in (QUESTION, OLD, later, NEW)),
    )


async def search_for(stage: Scene, text: str, count: str) -> None:
    await stage.press("f3")
    await stage.settled(lambda: isinstance(stage.app.screen, SearchScreen))
    await stage.press(*text)
    await stage.settled(
        lambda: str(stage.app.screen.query_one(".count").render()) == count, what=f"{count} of {text!r}"
    )


async def test_the_branch_that_says_it_is_shown_at_the_match(gateway: FakeGateway) -> None:
    keep_branches()
    async with on_stage(gateway) as stage:
        await search_for(stage, "apple", "1 hit")
        await stage.press("enter")
        await stage.settled(lambda: stage.chat.chat == CHAT and "take an Apple" in stage.shown())
        assert [node.id for node in stage.path] == [QUESTION.id, OLD.id, said(2, None).id]
        bar = stage.chat.parts.finding.bar
        assert bar is not None and bar.needle == "apple"
        await stage.settled(lambda: "1 of 2" in stage.shown())
        assert stage.chat.transcript.has_focus and stage.chat.transcript.cursor_key == OLD.id
        await stage.press("n")
        await stage.settled(lambda: "2 of 2" in stage.shown() and "or an apple pie" in stage.shown())
        await stage.press("f3")  # what was asked last stands there
        await stage.settled(lambda: isinstance(stage.app.screen, SearchScreen))
        assert stage.app.screen.query_one(Input).value == "apple"
    # the branch is the active one from now on: what is said next hangs on what is seen
    assert Library(places()).open(CHAT).conversation.leaf == said(2, None).id


async def test_a_message_on_the_path_of_the_open_chat_is_gone_to_without_writing(gateway: FakeGateway) -> None:
    keep_branches()
    path = Library(places()).path(CHAT)
    before = path.read_bytes()
    async with on_stage(gateway) as stage:
        stage.chat.room.start(stage.chat.parts.opening.open, CHAT)
        await stage.settled(lambda: stage.chat.chat == CHAT)
        await search_for(stage, "pear", "1 hit")
        await stage.press("enter")
        await stage.settled(lambda: "1 of 1" in stage.shown())
        assert stage.chat.transcript.cursor_key == NEW.id
        await search_for(stage, "fruit", "2 hits")  # typed over the last one; its title first
        await stage.press("enter")
        await stage.settled(lambda: not isinstance(stage.app.screen, SearchScreen))
        assert stage.chat.composer.prompt.has_focus
    assert path.read_bytes() == before


async def test_a_chat_that_can_only_be_read_shows_the_branch_and_stays_as_it_is(gateway: FakeGateway) -> None:
    keep_branches()
    path = Library(places()).path(CHAT)
    path.write_bytes(path.read_bytes().replace(b"format = 1\n", b"format = 9\n"))
    before = path.read_bytes()
    async with on_stage(gateway) as stage:
        await search_for(stage, "apple", "1 hit")
        await stage.press("enter")
        await stage.settled(lambda: "take an Apple" in stage.shown() and "read-only" in stage.shown())
    assert path.read_bytes() == before


async def test_a_message_that_went_away_meanwhile_is_said_to_be_gone(gateway: FakeGateway) -> None:
    keep_branches()
    async with on_stage(gateway) as stage:
        await search_for(stage, "pear", "1 hit")
        opened = Library(places()).open(CHAT)
        opened.journal.append(NodesDeleted((NEW.id,)))
        opened.journal.close()
        await stage.press("enter")
        await stage.settled(lambda: any("not in the chat any more" in toast for toast in stage.toasts))
        assert stage.chat.chat == CHAT and stage.chat.parts.finding.bar is None


async def test_while_an_answer_arrives_the_chat_stays_on_its_branch(gateway: FakeGateway) -> None:
    keep_branches()
    start = openai({"role": "assistant", "content": "plum"})
    gateway.script(sse(start, Hold(), openai({}, "stop"), DONE))
    async with on_stage(gateway) as stage:
        stage.chat.room.start(stage.chat.parts.opening.open, CHAT)
        await stage.settled(lambda: stage.chat.chat == CHAT)
        await stage.write("and now?")
        await stage.press("enter")
        await stage.settled(lambda: "plum" in stage.shown() and not stage.idle)
        await search_for(stage, "apple", "1 hit")
        await stage.press("enter")
        await stage.settled(lambda: any("still answering" in toast for toast in stage.toasts))
        assert "plum" in stage.shown() and not stage.idle
        gateway.open()
        await stage.settled(lambda: stage.idle)
        assert stage.texts[-1] == "plum"


async def test_turning_away_changes_nothing(gateway: FakeGateway) -> None:
    keep_branches()
    async with on_stage(gateway, size=(60, 15)) as stage:
        chat = stage.chat.chat
        await search_for(stage, "pear", "1 hit")
        await stage.press("escape")
        await stage.settled(lambda: not isinstance(stage.app.screen, SearchScreen))
        assert stage.chat.chat == chat and stage.chat.parts.finding.bar is None
        assert not stage.chat.query_one(Transcript).display
