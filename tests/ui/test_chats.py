"""Chats that are kept: the list, opening, naming, pinning, deleting, drafts; the panels beside the conversation."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Input

from tests.gateway.answers import DONE, Hold, sse
from tests.gateway.server import FakeGateway
from tests.gateway.upstreams import openai
from tests.ui.whole_app import MODEL, Scene, on_stage
from tests.waiting import eventually
from tui_chat.chat.node import Head, new_id
from tui_chat.store.catalogue import Summary
from tui_chat.store.places import places
from tui_chat.store.sessions import Library
from tui_chat.ui.app import TuiOptions
from tui_chat.ui.chat import terms
from tui_chat.ui.chat.room import Room
from tui_chat.ui.widgets.chat_list import ChatList

START = openai({"role": "assistant", "content": ""})
STOP = openai({}, "stop")


def rows(stage: Scene) -> list[str]:
    return [row.title for row in stage.chat.parts.chats.summaries]


async def test_new_chats_are_listed_and_opened(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("the first chat")
        first = stage.chat.chat
        await stage.press("ctrl+n")
        await stage.settled(lambda: stage.chat.chat != first)
        await stage.settled(lambda: "What shall we talk about?" in stage.shown())
        await stage.say("the second chat")
        await stage.settled(lambda: sorted(rows(stage)) == ["the first chat", "the second chat"])
        chats = stage.chat_list
        assert chats is not None
        chats.post_message(ChatList.Opened(first))
        await stage.settled(lambda: stage.chat.chat == first and "You said the first chat" in stage.shown())
        # its model goes with the next new chat
        assert stage.chat.talk is not None and stage.chat.talk.head.model == MODEL


async def test_the_list_shows_what_is_remembered_until_the_folder_was_looked_at(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(places(os.environ))
    for name in ("stays", "goes"):
        library.create(Head(new_id(), title=name)).close()
    goes = next(row for row in library.summaries() if row.title == "goes")
    goes.path.unlink()
    library.create(Head(new_id(), title="comes")).close()
    looked, real = threading.Event(), Library.summaries

    def late(self: Library) -> list[Summary]:
        assert looked.wait(30)
        return real(self)

    monkeypatch.setattr(Library, "summaries", late)
    try:
        async with on_stage(gateway) as stage:
            await stage.settled(lambda: sorted(rows(stage)) == ["goes", "stays"])
            assert "stays" in stage.shown()
            looked.set()
            await stage.settled(lambda: sorted(rows(stage)) == ["comes", "stays"])
            await stage.settled(lambda: "comes" in stage.shown() and "goes" not in stage.shown())
    finally:
        looked.set()


async def test_an_answer_goes_on_while_another_chat_is_on_screen(gateway: FakeGateway) -> None:
    gateway.script(sse(START, openai({"content": "one "}), Hold(), openai({"content": "two"}), STOP, DONE))
    async with on_stage(gateway) as stage:
        await stage.write("slow one")
        await stage.press("enter")
        await stage.settled(lambda: "one" in stage.shown() and not stage.idle)
        slow = stage.chat.chat
        await stage.press("ctrl+n")
        await stage.settled(lambda: stage.chat.chat != slow)
        await stage.say("quick one")
        stage.chat.room.start(stage.chat.parts.opening.open, slow)
        await stage.settled(lambda: stage.chat.chat == slow and not stage.idle)
        assert stage.chat.talk is not None and stage.chat.talk.running is not None
        assert stage.chat.talk.node(stage.chat.talk.running.id).text == "one "
        gateway.open()
        await stage.settled(lambda: stage.idle and stage.texts[-1] == "one two")
        await stage.settled(lambda: "one two" in stage.shown())


async def test_a_chat_that_was_left_while_it_answered_is_let_go_when_the_answer_is_there(gateway: FakeGateway) -> None:
    gateway.script(sse(START, openai({"content": "one "}), Hold(), openai({"content": "two"}), STOP, DONE))
    async with on_stage(gateway) as stage:
        await stage.write("slow one")
        await stage.press("enter")
        await stage.settled(lambda: "one" in stage.shown() and not stage.idle)
        slow = stage.chat.chat
        await stage.press("ctrl+n")
        await stage.settled(lambda: stage.chat.chat != slow)
        assert set(stage.house.desk._open) == {slow, stage.chat.chat}
        gateway.open()
        await stage.settled(lambda: set(stage.house.desk._open) == {stage.chat.chat})
        await stage.chat.parts.opening.open(slow)
        assert stage.texts == ["slow one", "one two"]


async def test_what_waits_to_be_sent_goes_to_no_other_chat(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.settled(stage.chat.parts.connecting.found.is_set)
        first = stage.chat.chat
        stage.chat.parts.connecting.found.clear()  # as while a command takes its time to print the key
        await stage.write("for the first chat")
        await stage.press("enter")
        await stage.settled(lambda: stage.draft == "")
        await stage.press("ctrl+n")
        await stage.settled(lambda: stage.chat.chat != first)
        stage.chat.parts.connecting.found.set()
        await stage.settled(lambda: stage.draft == "for the first chat")
        assert not stage.path and not gateway.chats


async def test_naming_pinning_deleting_and_bringing_back(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("words of mine")
        kept = stage.chat.chat
        await stage.press("f12")
        await stage.settled(lambda: "Name of this chat" in stage.shown())
        await stage.press("ctrl+u", *"My name", "enter")
        await stage.settled(lambda: rows(stage) == ["My name"])
        await stage.settled(lambda: "My name" in stage.shown().splitlines()[0])
        await stage.press("ctrl+n")
        await stage.settled(lambda: stage.chat.chat != kept)
        await stage.press("f3", "escape")
        chats = stage.chat_list
        assert chats is not None
        chats.focus_list()
        await stage.press("p")  # of a chat that is not open
        await stage.settled(lambda: stage.chat.parts.chats.summaries[0].pinned)
        await stage.press("d")
        await stage.settled(lambda: rows(stage) == [] and any("trash" in toast for toast in stage.toasts))
        await stage.press("u")
        await stage.settled(lambda: rows(stage) == ["My name"])
        stage.chat.room.start(stage.chat.parts.opening.open, kept)
        await stage.settled(lambda: stage.chat.chat == kept)
        chats.post_message(ChatList.DeleteAsked(kept))  # the one on screen makes room
        await stage.settled(lambda: stage.chat.chat != kept and rows(stage) == [])


async def test_a_temporary_chat_is_marked_and_never_saved(gateway: FakeGateway, own_home: Path) -> None:
    async with on_stage(gateway) as stage:
        await stage.press("f4")
        await stage.settled(lambda: "temporary" in stage.shown().splitlines()[0])
        await stage.say("a secret")
        await stage.write("a secret draft")
        await stage.chat.parts.drafting.keep()
    home = own_home / "yibu-chat"
    assert not list(home.glob("sessions/*.toml"))
    for path in home.rglob("*"):
        assert path.is_dir() or b"a secret" not in path.read_bytes()


async def test_what_was_typed_in_a_temporary_chat_is_not_left_unasked(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.press("f4")
        await stage.settled(lambda: "temporary" in stage.shown().splitlines()[0])
        temporary = stage.chat.chat
        await stage.write("words kept nowhere")
        await stage.press("ctrl+n")
        await stage.settled(lambda: "Leave without using what you typed?" in stage.shown())
        await stage.press("escape")
        await stage.settled(lambda: stage.chat.is_current)
        assert (stage.chat.chat, stage.draft) == (temporary, "words kept nowhere")
        await stage.press("ctrl+n")
        await stage.settled(lambda: "Throw it away" in stage.shown())
        await stage.press("left", "enter")
        await stage.settled(lambda: stage.chat.chat != temporary)
        assert stage.draft == ""


async def test_drafts_are_kept_for_each_chat_and_over_restarts(gateway: FakeGateway, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("words")
    async with on_stage(gateway) as stage:
        await stage.say("one")
        first = stage.chat.chat
        await stage.write("draft in one")
        await stage.chat.parts.attaching.attach_files([path])
        await stage.press("ctrl+n")
        await stage.settled(lambda: stage.chat.chat != first and stage.draft == "")
        await stage.write("draft in a new chat")
        await eventually(lambda: stage.house.drafts.load("new").text == "draft in a new chat")  # by itself
        stage.chat.room.start(stage.chat.parts.opening.open, first)
        await stage.settled(lambda: stage.draft == "draft in one")
        assert len(stage.chat.composer.enclosures) == 1
        await stage.press("ctrl+q")
    async with on_stage(gateway) as stage:
        await stage.settled(lambda: stage.draft == "draft in a new chat")
        stage.chat.room.start(stage.chat.parts.opening.open, first)
        await stage.settled(lambda: stage.draft == "draft in one" and len(stage.chat.composer.enclosures) == 1)
        # history is there too, of all chats
        stage.chat.composer.prompt.put("")
        await stage.press("ctrl+up")
        assert stage.draft == "one"


async def test_a_sent_draft_of_a_new_chat_is_not_the_next_new_chats_draft(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        first = stage.chat.chat
        await stage.write("once only")
        await eventually(lambda: stage.house.drafts.load("new").text == "once only")  # it took a while to write
        await stage.press("enter")
        await stage.settled(lambda: len(gateway.chats) == 1)
        await eventually(lambda: not stage.house.drafts.load("new"))
        await stage.write("goes on here")
        await eventually(lambda: stage.house.drafts.load(first).text == "goes on here")
        await stage.press("ctrl+n")
        await stage.settled(lambda: stage.chat.chat != first)
        await stage.chat.parts.drafting.keep()
        assert stage.draft == "" and not stage.house.drafts.load("new")


async def test_the_sides_fold_and_on_a_narrow_screen_lie_over_the_chat(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        assert stage.chat_list is not None and stage.chat_list.display
        await stage.press("ctrl+b")
        await stage.settled(lambda: stage.chat_list is not None and not stage.chat_list.display)
        assert stage.chat.composer.prompt.has_focus
        await stage.settled(lambda: stage.house.settings.show_chats is False)
        await stage.press("ctrl+t")
        await stage.settled(lambda: stage.panel is not None and stage.panel.display)
        await stage.settled(lambda: stage.house.settings.show_panels is True)
        width = stage.chat.transcript.parent.size.width  # type: ignore[union-attr]
        assert width < 120
        await stage.press("ctrl+t")
        await stage.settled(lambda: stage.panel is not None and not stage.panel.display)
        await stage.pilot.resize_terminal(70, 24)
        await stage.settled(lambda: stage.chat.query_one("#centre").size.width == 70)
        await stage.press("ctrl+b")
        await stage.settled(lambda: stage.chat_list is not None and stage.chat_list.display)
        assert stage.chat.query_one("#centre").size.width == 70  # it lies over it
        await stage.press("ctrl+t")
        await stage.settled(lambda: stage.panel is not None and stage.panel.display)
        assert not stage.chat_list.display
        await stage.press("escape")
        await stage.settled(lambda: not stage.panel.display)


async def test_a_model_is_chosen_by_name(gateway: FakeGateway) -> None:
    async with on_stage(gateway, options=TuiOptions()) as stage:
        await stage.write("hello")
        await stage.press("enter")  # no model yet: the picker opens, nothing is lost
        await stage.settled(lambda: stage.panel is not None and "claude-sonnet-4-5" in stage.shown())
        assert stage.draft == "hello"
        await stage.press(*"claude", "enter")
        await stage.settled(lambda: stage.chat.talk is not None and stage.chat.talk.head.model == "claude-sonnet-4-5")
        await stage.settled(lambda: stage.house.settings.model == "claude-sonnet-4-5")
        await stage.settled(lambda: "claude-sonnet-4-5" in stage.shown().splitlines()[0])
        await stage.press("enter")
        await stage.settled(lambda: len(stage.path) == 2 and stage.idle)
        assert gateway.chats[0].json["model"] == "claude-sonnet-4-5"
        await stage.press("ctrl+l", *"my-own-id", "enter")
        await stage.settled(lambda: stage.chat.talk is not None and stage.chat.talk.head.model == "my-own-id")


async def test_parameters_and_system_prompt_reach_the_request(gateway: FakeGateway) -> None:
    async with on_stage(gateway, options=TuiOptions(model=MODEL, system="Be brief.", values={"top_p": 0.5})) as stage:
        await stage.press("f5")
        await stage.settled(lambda: stage.panel is not None)
        stage.panel.parameters.post_message(  # type: ignore[union-attr]
            type(stage.panel.parameters).Changed({"temperature": 0.3})  # type: ignore[union-attr]
        )
        await stage.settled(lambda: stage.chat.talk is not None and stage.chat.talk.head.values == {"temperature": 0.3})
        stage.panel.parameters.post_message(  # type: ignore[union-attr]
            type(stage.panel.parameters).SystemChanged("Be kind.")  # type: ignore[union-attr]
        )
        await stage.settled(lambda: stage.chat.talk is not None and stage.chat.talk.head.system == "Be kind.")
        await stage.press("f6")
        await stage.settled(lambda: "tools, none on" in stage.shown())
        await stage.press("escape")
        await stage.settled(lambda: stage.chat.composer.prompt.has_focus)
        await stage.say("hello")
        asked = gateway.chats[0].json
        assert asked["temperature"] == 0.3 and "top_p" not in asked
        assert asked["messages"][0] == {"role": "system", "content": "Be kind."}


async def test_what_is_typed_into_the_panel_goes_with_the_next_message_and_is_one_record(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "HEAD_AFTER_S", 60)  # the pause never ends the typing, however slow the machine
    async with on_stage(gateway) as stage:
        await stage.say("first")
        await stage.press("f5")
        await stage.settled(lambda: isinstance(stage.app.focused, Input))
        await stage.press("down")  # from the search field to the first parameter
        await stage.settled(lambda: any(field.has_focus_within for field in stage.app.screen.query("ParameterField")))
        await stage.press(*"0.75")
        await stage.settled(lambda: not stage.chat.room.terms.is_told)
        await stage.write("second")
        await stage.press("enter")  # before the pause that ends the typing
        await stage.settled(lambda: len(stage.path) == 4 and stage.idle)
        assert gateway.chats[1].json["temperature"] == 0.75
        assert stage.chat.talk is not None
        path = stage.house.library.path(stage.chat.chat)
        assert path.read_text("utf-8").count("[change.fields.values]") == 1


async def test_what_is_typed_into_the_panel_is_kept_by_leaving_and_belongs_to_its_chat(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "HEAD_AFTER_S", 60)  # the pause never ends the typing, however slow the machine
    async with on_stage(gateway) as stage:
        await stage.say("first")
        first = stage.chat.chat
        await stage.press("f5")
        await stage.settled(lambda: isinstance(stage.app.focused, Input))
        await stage.press("down")  # from the search field to the first parameter
        await stage.settled(lambda: any(field.has_focus_within for field in stage.app.screen.query("ParameterField")))
        await stage.press(*"0.5")
        await stage.settled(lambda: not stage.chat.room.terms.is_told)
        await stage.press("ctrl+n")
        await stage.settled(lambda: stage.chat.chat != first and stage.chat.room.terms.is_told)
        assert stage.chat.talk is not None and stage.chat.talk.head.values == {}
        await stage.chat.parts.opening.open(first)
        await stage.settled(lambda: stage.chat.talk is not None and stage.chat.talk.head.values == {"temperature": 0.5})


async def test_a_list_of_models_that_cant_be_had_is_explained(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.gateway.answers import middleware_error

    gateway.route("GET", "/v1/models", middleware_error("Invalid token", 401))
    async with on_stage(gateway) as stage:
        await stage.press("ctrl+l")
        await stage.settled(lambda: "key" in stage.chat.parts.panels.note.lower())


@pytest.mark.parametrize(("opens", "typed"), [("ctrl+l", "gpt"), ("f5", "seed"), ("ctrl+f", "hi")])
async def test_what_is_typed_while_a_side_is_brought_in_goes_there(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, opens: str, typed: str
) -> None:
    async with on_stage(gateway) as stage:
        place = Room.place
        may_come = asyncio.Event()

        async def slowly(*given: Any, **named: Any) -> None:
            await may_come.wait()
            await place(*given, **named)

        monkeypatch.setattr(Room, "place", slowly)
        for key in (opens, *typed):
            stage.app.post_message(events.Key(key, key if len(key) == 1 else None))
        for _ in range(20):
            await asyncio.sleep(0)
        assert stage.draft == ""
        may_come.set()
        await stage.settled(lambda: isinstance(stage.app.focused, Input) and stage.app.focused.value == typed)
        assert stage.draft == ""
        await stage.press("!")
        assert stage.app.focused.value == f"{typed}!"
