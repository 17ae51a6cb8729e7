"""Every key of the transcript that does something to a message, on a real conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from tests.gateway.answers import DONE, Hold, sse
from tests.gateway.server import FakeGateway
from tests.gateway.upstreams import openai
from tests.ui.whole_app import on_stage
from tests.waiting import eventually
from tui_chat.chat.node import Node
from tui_chat.errors import ChatError, UsageError
from tui_chat.ui import speech
from tui_chat.ui.chat.sending import rewritten
from tui_chat.wire.messages import Reasoning, Text
from tui_chat.words import t

START = openai({"role": "assistant", "content": ""})
STOP = openai({}, "stop")


def says(text: str) -> object:
    return sse(START, openai({"content": text}), STOP, DONE)


async def test_copying_a_message_and_the_last_answer(gateway: FakeGateway) -> None:
    gateway.script(says("**raw** _Markdown_"))  # type: ignore[arg-type]
    async with on_stage(gateway) as stage:
        await stage.say("my question")
        await stage.press("escape", "end", "c")
        assert stage.copied == ["**raw** _Markdown_"]
        await stage.press("k", "c")
        assert stage.copied[-1] == "my question"
        await stage.press("ctrl+y")
        assert stage.copied[-1] == "**raw** _Markdown_"
        await stage.settled(lambda: any("clipboard" in toast or "Copied" in toast for toast in stage.toasts))


async def test_copying_a_code_block_asks_which_where_there_are_several(gateway: FakeGateway) -> None:
    gateway.script(
        says("no code"),  # type: ignore[arg-type]
        says("```python\nprint(1)\n```"),  # type: ignore[arg-type]
        says("```sh\nls\n```\n\n```c\nint x;\n```"),  # type: ignore[arg-type]
    )
    async with on_stage(gateway) as stage:
        await stage.say("a")
        await stage.press("escape", "end", "y")
        await stage.settled(lambda: any("no code block" in toast for toast in stage.toasts))
        await stage.say("b")
        await stage.press("escape", "end", "y")
        assert stage.copied == ["print(1)"]
        await stage.say("c")
        await stage.press("escape", "end", "y")
        await stage.settled(lambda: "Copy which code block?" in stage.shown())
        await stage.press("down", "enter")
        await eventually(lambda: stage.copied[-1] == "int x;")


async def test_editing_a_question_sends_it_as_a_branch(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("first wording")
        await stage.write("a draft of mine")
        await stage.press("escape", "end", "k", "e")
        await stage.settled(lambda: stage.draft == "first wording")
        await stage.settled(lambda: "Editing your message" in stage.shown())
        await stage.press("escape")  # cancelled: the draft is back
        await stage.settled(lambda: stage.draft == "a draft of mine" and "Editing" not in stage.shown())
        await stage.press("escape", "e")
        await stage.settled(lambda: stage.draft == "first wording")
        stage.chat.composer.prompt.put("second wording")
        await stage.press("enter")
        await stage.settled(lambda: stage.idle and len(stage.path) == 2 and stage.path[0].text == "second wording")
        assert stage.draft == "a draft of mine"
        talk = stage.chat.talk
        assert talk is not None and talk.version(stage.path[0].id) == (2, 2)
        # ‹ › switch between the versions, u takes the edit back
        await stage.press("escape", "home", "<")
        await stage.settled(lambda: stage.path[0].text == "first wording")
        await stage.settled(lambda: "1/2" in stage.shown())
        await stage.press(">")
        await stage.settled(lambda: stage.path[0].text == "second wording")
        await stage.press("u")
        await stage.settled(lambda: stage.path[0].text == "first wording")


async def test_up_in_an_empty_composer_edits_the_last_question(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("to be edited")
        await stage.press("up")
        await stage.settled(lambda: stage.draft == "to be edited" and "Editing your message" in stage.shown())


async def test_editing_an_answer_keeps_both_versions_and_asks_nobody(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("hello")
        asked = len(gateway.chats)
        await stage.press("escape", "end", "e")
        await stage.settled(lambda: "Editing the answer" in stage.shown())
        stage.chat.composer.prompt.put("my own words")
        await stage.press("enter")
        await stage.settled(lambda: stage.texts[-1] == "my own words")
        assert len(gateway.chats) == asked and len(stage.path) == 2
        assert stage.chat.talk is not None and stage.chat.talk.version(stage.path[-1].id) == (2, 2)


async def test_asking_again_makes_a_sibling(gateway: FakeGateway) -> None:
    gateway.script(says("one"), says("two"), says("three"))  # type: ignore[arg-type]
    async with on_stage(gateway) as stage:
        await stage.say("number?")
        await stage.press("ctrl+r")
        await stage.settled(lambda: stage.idle and stage.texts[-1] == "two")
        await stage.press("escape", "end", "r")
        await stage.settled(lambda: stage.idle and stage.texts[-1] == "three")
        await stage.settled(lambda: "3/3" in stage.shown())
        await stage.press("end", "left")
        await stage.settled(lambda: stage.texts[-1] == "two")
        await stage.press("h")
        await stage.settled(lambda: stage.texts[-1] == "one")
        await stage.press("h")
        await stage.press("right")
        await stage.settled(lambda: stage.texts[-1] == "two")
        await stage.press("l")
        await stage.settled(lambda: stage.texts[-1] == "three")


async def test_branching_deleting_and_undoing_several_levels(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("one")
        await stage.say("two")
        whole = [node.id for node in stage.path]
        ids = lambda: [node.id for node in stage.path]  # noqa: E731
        await stage.press("escape", "end", "d")
        await stage.settled(lambda: ids() == whole[:3])
        await stage.press("home", "D")
        await stage.settled(lambda: ids() == [])
        await stage.settled(lambda: "What shall we talk about?" in stage.shown())
        stage.chat.transcript.focus()
        stage.chat.parts.act_on("undo", "")
        await stage.settled(lambda: ids()[:1] == whole[:1])
        stage.chat.parts.act_on("undo", "")
        await stage.settled(lambda: ids() == whole)
        stage.chat.parts.act_on("undo", "")
        await stage.settled(lambda: any("nothing to undo" in toast for toast in stage.toasts))
        stage.chat.transcript.focus()
        await stage.press("home", "j", "b")
        await stage.settled(lambda: ids() == whole[:2])
        await stage.say("another two")
        assert [node.text for node in stage.path][2] == "another two"
        assert stage.chat.talk is not None and stage.chat.talk.version(stage.path[2].id) == (2, 2)


async def test_deleting_one_of_several_answers_shows_its_neighbour(gateway: FakeGateway) -> None:
    gateway.script(says("one"), says("two"))  # type: ignore[arg-type]
    async with on_stage(gateway) as stage:
        await stage.say("number?")
        await stage.press("ctrl+r")
        await stage.settled(lambda: stage.idle and stage.texts[-1] == "two")
        await stage.press("escape", "end", "delete")
        await stage.settled(lambda: stage.texts[-1] == "one")
        await stage.press("u")
        await stage.settled(lambda: stage.texts[-1] == "two")


async def test_nothing_is_changed_while_an_answer_arrives(gateway: FakeGateway) -> None:
    gateway.script(sse(START, openai({"content": "half"}), Hold(), STOP, DONE))
    async with on_stage(gateway) as stage:
        await stage.write("go")
        await stage.press("enter")
        await stage.settled(lambda: "half" in stage.shown())
        stage.chat.transcript.focus()
        await stage.press("home", "d", "e", "r")
        await stage.settled(lambda: sum("still answering" in toast for toast in stage.toasts) == 3)
        await stage.press("ctrl+y")
        assert stage.copied == ["half"]
        gateway.open()
        await stage.settled(lambda: stage.idle)


async def test_details_show_every_number(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("hello")
        await stage.press("escape", "end", "i")
        await stage.settled(lambda: "Details of this message" in stage.shown())
        shown = stage.shown()
        for label in ("Model asked", "Tokens in", "Tokens out", "Time in all", "Message id"):
            assert label in shown
        await stage.press("escape")
        await stage.settled(lambda: "Details of this message" not in stage.shown())


async def test_a_message_opens_in_the_pager(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr("tui_chat.ui.pager.view", lambda text, env: seen.append(text))
    async with on_stage(gateway) as stage:
        await stage.say("hello")
        await stage.press("escape", "end", "o")  # the pilot's terminal can't be handed over: told, not fatal
        await stage.settled(lambda: any("can't be handed" in toast for toast in stage.toasts))
        monkeypatch.setattr(stage.app, "suspend", nullcontext)
        await stage.press("o")
        await eventually(lambda: len(seen) == 1)
        assert seen[0] == stage.texts[-1]


@pytest.mark.parametrize("failure", [UsageError("error.no_pager"), RuntimeError("a mistake of ours")])
async def test_the_terminal_is_taken_back_though_the_pager_failed(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    taken_back: list[bool] = []

    @contextmanager
    def suspend() -> Iterator[None]:  # as Textual's, which takes it back only where nothing was raised
        yield
        taken_back.append(True)

    def fail(text: str, env: Mapping[str, str]) -> None:
        raise failure

    monkeypatch.setattr("tui_chat.ui.pager.view", fail)
    async with on_stage(gateway) as stage:
        await stage.say("hello")
        monkeypatch.setattr(stage.app, "suspend", suspend)
        await stage.press("escape", "end", "o")
        said = speech.explain(failure) if isinstance(failure, ChatError) else str(failure)
        await stage.settled(lambda: any(said in toast for toast in stage.toasts))
        assert taken_back == [True] and stage.app.crash is None


async def test_finding_goes_from_match_to_match(gateway: FakeGateway) -> None:
    gateway.script(says("apple pear apple"), says("one more apple"))  # type: ignore[arg-type]
    async with on_stage(gateway) as stage:
        await stage.say("fruit")
        await stage.say("again")
        await stage.press("ctrl+f", *"apple")
        await stage.settled(lambda: "of 3" in stage.shown())
        first = stage.chat.transcript.finder._here
        await stage.press("enter")
        await stage.settled(lambda: stage.chat.transcript.finder._here != first)
        await stage.press("up")
        await stage.settled(lambda: stage.chat.transcript.finder._here == first)
        stage.chat.transcript.focus()
        await stage.press("n")
        await stage.settled(lambda: stage.chat.transcript.finder._here != first)
        await stage.press("N")
        await stage.settled(lambda: stage.chat.transcript.finder._here == first)
        await stage.press("ctrl+f", "ctrl+a", *"zzz")
        await stage.settled(lambda: "no match" in stage.shown())
        await stage.press("escape")
        await stage.settled(lambda: not stage.chat.query("FindBar"))
        assert stage.chat.transcript.has_focus


async def test_moving_through_the_messages(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("one long size 4000")
        await stage.say("two")
        await stage.press("escape")
        transcript = stage.chat.transcript
        keys = [node.id for node in stage.path]
        await stage.press("home")
        assert transcript.cursor_key == keys[0]
        await stage.press("j", "down")
        assert transcript.cursor_key == keys[2]
        await stage.press("k", "up")
        assert transcript.cursor_key == keys[0]
        await stage.press("end")
        assert transcript.cursor_key == keys[-1] and transcript.at_end
        bottom = transcript.scroll_y
        await stage.press("pageup")
        await stage.settled(lambda: transcript.scroll_y < bottom)
        assert not transcript.at_end
        await stage.press("pagedown")
        await stage.settled(lambda: transcript.at_end)
        await stage.press("enter")
        assert stage.chat.composer.prompt.has_focus
        await stage.press("pageup")  # from the composer too
        await stage.settled(lambda: not transcript.at_end)
        await stage.say("three")  # who says something comes back to the end
        await stage.settled(lambda: transcript.at_end)


def test_an_answer_rewritten_keeps_its_other_parts() -> None:
    node = Node("a", None, "assistant", (Reasoning("hm"), Text("old"), Text("older")))
    assert rewritten(node.parts, "new") == (Reasoning("hm"), Text("new"))
    assert rewritten((Reasoning("hm"),), "new") == (Reasoning("hm"), Text("new"))


async def test_everything_is_there_again_after_a_restart(gateway: FakeGateway, own_home: Path) -> None:
    from tui_chat.ui.app import TuiOptions

    async with on_stage(gateway) as stage:
        await stage.say("one")
        await stage.press("ctrl+r")
        await stage.settled(lambda: stage.idle and stage.chat.talk.version(stage.path[-1].id) == (2, 2))  # type: ignore[union-attr]
        shown = [(node.id, node.text) for node in stage.path]
    async with on_stage(gateway, options=TuiOptions(last=True)) as stage:
        await stage.settled(lambda: [(node.id, node.text) for node in stage.path] == shown)
        await stage.settled(lambda: "2/2" in stage.shown())


async def test_the_cursor_goes_over_to_the_new_version_of_the_answer_it_was_on(gateway: FakeGateway) -> None:
    gateway.script(says("one"), says("two"))  # type: ignore[arg-type]
    async with on_stage(gateway) as stage:
        await stage.say("question")
        await stage.press("escape", "end")
        assert stage.chat.transcript.cursor_key == stage.path[-1].id
        await stage.press("r")
        await stage.settled(lambda: stage.texts[-1:] == ["two"] and stage.idle)
        assert stage.chat.transcript.cursor_key == stage.path[-1].id
        await stage.press("less_than_sign")
        await stage.settled(lambda: stage.texts[-1:] == ["one"])
        assert stage.chat.transcript.cursor_key == stage.path[-1].id


async def test_while_editing_the_foot_says_what_escape_does(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("question")
        await stage.settled(lambda: f"esc {t('ui.hint.leave')}" in stage.shown())
        await stage.press("up")
        await stage.settled(lambda: f"esc {t('ui.hint.cancel_edit')}" in stage.shown())
        await stage.press("escape")
        await stage.settled(lambda: f"esc {t('ui.hint.leave')}" in stage.shown())
