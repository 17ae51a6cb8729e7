"""Tool calls as every kind of upstream writes them, through socket, client, desk and real tools, and back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.answers import DONE, Answer, sse
from tests.gateway.server import FakeGateway
from tests.gateway.tool_styles import ONE_CALL, STYLES
from tests.gateway.upstreams import deepseek, openai
from tests.waiting import eventually_in_thread
from tui_chat.chat.events import CallAsks, Event, RoundEnded, TurnEnded
from tui_chat.chat.node import Node
from tui_chat.store import settings
from tui_chat.tools.approval import Decision
from tui_chat.wire.client import Endpoint
from tui_chat.wire.messages import Part, Text
from tui_chat.wiring import Connection, House

KEY = "sk-" + "canary" * 8
SUM = ("call_a1", "calculate", '{"expression":"6 * 7"}')
CLOCK = ("call_b2", "current_time", "{}")


class Talk:
    """A house, one chat in it with tools, and what it told."""

    def __init__(self, gateway: FakeGateway, *tools: str, model: str = "m") -> None:
        self.events: list[Event] = []
        self.house = House(self.events.append)
        self.house.connect(Connection(Endpoint(gateway.base_url, KEY), "test"))
        head = self.house.new_head(model=model, tools=tools)
        self.chat = head.id
        self.house.engine.submit(self.house.desk.new(head)).result()

    def say(self, *parts: Part) -> None:
        self.house.engine.submit(self.house.desk.send(self.chat, parts)).result()

    def wait_over(self, count: int = 1) -> None:
        def over() -> bool:
            ends = [event for event in self.events if isinstance(event, TurnEnded | RoundEnded) and not event.goes_on]
            return len(ends) >= count

        eventually_in_thread(over, what="the exchange is over")

    def path(self) -> list[Node]:
        tree = self.house.engine.submit(self.house.desk.open(self.chat)).result().conversation
        return [tree.node(id) for id in tree.path()]


@pytest.fixture
def made() -> Iterator[list[Talk]]:
    talks: list[Talk] = []
    yield talks
    for talk in talks:
        talk.house.close()


def answer(text: str) -> Answer:
    return sse(openai({"content": text}), openai({}, "stop"), DONE)


@pytest.mark.parametrize("style", STYLES)
def test_each_style_is_run_and_answered(gateway: FakeGateway, made: list[Talk], style: str) -> None:
    made.append(talk := Talk(gateway, "calculate", "current_time"))
    wanted = (SUM,) if style in ONE_CALL else (SUM, CLOCK)
    gateway.script(STYLES[style](*wanted), answer("It is 42."))
    talk.say(Text("what is it?"))
    talk.wait_over()
    results = [node.result for node in talk.path() if node.result is not None]
    assert not any(result.failed for result in results), results
    assert sorted(result.text == "42" for result in results) == [False, True][2 - len(wanted) :]
    assert talk.path()[-1].text == "It is 42."
    first, second = (chat.json for chat in gateway.chats)
    assert [tool["function"]["name"] for tool in first["tools"]] == ["calculate", "current_time"]
    assert second["tools"] == first["tools"]
    said, *told = second["messages"][1:]
    calls = said["tool_calls"]
    assert [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls] == [
        (name, json.loads(arguments)) for _, name, arguments in wanted
    ]
    assert [message["tool_call_id"] for message in told] == [call["id"] for call in calls]
    assert all(call["id"] and isinstance(call["function"]["arguments"], str) for call in calls)
    if style not in ONE_CALL:
        assert [call["id"] for call in calls] == [id for id, _, _ in wanted]
    assert told[0]["content"] == "42"


@pytest.mark.parametrize(
    ("model", "sent_back"), [("deepseek-reasoner", True), ("moonshotai/kimi-k2-thinking", True), ("gpt-4.1", False)]
)
def test_thoughts_go_back_with_calls_where_they_must(
    gateway: FakeGateway, made: list[Talk], model: str, sent_back: bool
) -> None:
    made.append(talk := Talk(gateway, "calculate", model=model))
    id, name, arguments = SUM
    piece = {"index": 0, "id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
    thought = deepseek({"content": None, "reasoning_content": "I must calculate."})
    gateway.script(
        sse(thought, deepseek({"tool_calls": [piece]}), deepseek({}, "tool_calls"), DONE),
        sse(deepseek({"reasoning_content": "Easy."}), deepseek({"content": "42"}), deepseek({}, "stop"), DONE),
        answer("Yes."),
    )
    talk.say(Text("6 * 7?"))
    talk.wait_over()
    talk.say(Text("sure?"))
    talk.wait_over(2)
    sent = gateway.chats[2].json["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "assistant", "user"]
    assert sent[1].get("reasoning_content") == ("I must calculate." if sent_back else None)
    assert "reasoning_content" not in sent[3]


def test_a_file_is_written_only_on_a_persons_word(gateway: FakeGateway, made: list[Talk], tmp_path: Path) -> None:
    granted = tmp_path / "granted"
    granted.mkdir()
    made.append(talk := Talk(gateway, "write_file"))
    talk.house.change_setting("tool_folders", (str(granted),))
    file = granted / "note.txt"
    wanted = ("w", "write_file", json.dumps({"path": str(file), "content": "hello\n"}))
    gateway.script(STYLES["openai"](wanted), answer("Written."))
    talk.say(Text("write it"))

    def asks() -> list[CallAsks]:
        return [event for event in talk.events if isinstance(event, CallAsks)]

    eventually_in_thread(asks, what="it asks")
    assert not file.exists() and "+hello" in asks()[0].preview.diff
    talk.house.engine.submit(talk.house.desk.decide(talk.chat, "w", Decision("once"))).result()
    talk.wait_over()
    assert file.read_text("utf-8") == "hello\n"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_a_stop_ends_a_command_and_all_it_started(gateway: FakeGateway, made: list[Talk], tmp_path: Path) -> None:
    made.append(talk := Talk(gateway, "shell"))
    talk.house.change_setting("tool_folders", (str(tmp_path),))
    mark = tmp_path / "began"
    long = f"86.{os.getpid()}"  # no other run's
    line = f"(trap '' TERM; sleep {long}) & touch {mark}; sleep {long}"
    gateway.script(STYLES["openai"](("s", "shell", json.dumps({"command": line}))))
    talk.say(Text("wait"))
    eventually_in_thread(lambda: any(isinstance(event, CallAsks) for event in talk.events), what="it asks")
    talk.house.engine.submit(talk.house.desk.decide(talk.chat, "s", Decision("once"))).result()
    eventually_in_thread(mark.exists, what="the command runs")
    talk.house.engine.submit(talk.house.desk.stop(talk.chat)).result(10)
    assert [node.result.decision for node in talk.path() if node.result is not None] == ["stopped"]

    def sleepers() -> list[Path]:
        found = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if long.encode() in file.read_bytes():
                    found.append(file)
            except OSError:
                continue
        return found

    eventually_in_thread(lambda: not sleepers(), what="nothing of it is left")


def test_what_waits_at_the_end_is_kept_as_a_draft(gateway: FakeGateway, made: list[Talk]) -> None:
    from tui_chat.store.drafts import Draft

    made.append(talk := Talk(gateway, "write_file"))
    gateway.script(STYLES["openai"](("w", "write_file", '{"path":"/x","content":""}')))
    talk.house.change_setting("tool_folders", ("/",))
    talk.say(Text("write it"))
    eventually_in_thread(lambda: any(isinstance(event, CallAsks) for event in talk.events), what="it asks")
    talk.say(Text("and then"))
    talk.say(Text("and last"))
    talk.house.drafts.save(talk.chat, Draft("being written"))
    talk.house.close()
    made.remove(talk)
    assert talk.house.drafts.load(talk.chat).text == "and then\n\nand last\n\nbeing written"


def test_surroundings_follow_the_settings(made: list[Talk], gateway: FakeGateway, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SHOWN", "yes")
    monkeypatch.chdir(tmp_path)
    made.append(talk := Talk(gateway))
    house = talk.house
    head = house.new_head()
    bare = house.surroundings(head)
    assert (bare.granted, bare.environment, bare.network, bare.folder) == ((), {}, False, tmp_path)
    assert house.places.config in bare.private
    settings.change(house.places, "tool_folders", (str(tmp_path / "a" / ".." / "b"), "~"))
    house.change_setting("tool_environment", ("SHOWN", "GONE", "GIVEN=a=b"))
    house.change_setting("tool_network", True)
    rich = house.surroundings(head)
    assert rich.granted == (tmp_path / "b", Path.home()) and rich.folder == tmp_path / "b"
    assert rich.environment == {"SHOWN": "yes", "GIVEN": "a=b"} and rich.network
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")
    house.change_setting("ca_file", "/own/ca.pem")
    web = house.surroundings(head)
    assert web.ca_file == "/own/ca.pem" and web.proxies["HTTPS_PROXY"] == "http://p:1" and "SHOWN" not in web.proxies
    monkeypatch.setenv("YIBU_API_KEY", "k")
    monkeypatch.setenv("INNOCENT", f"Bearer {KEY}")
    house.change_setting("tool_environment", ("YIBU_API_KEY", "INNOCENT", f"MINE={KEY}", "SHOWN"))
    assert house.surroundings(head).environment == {"SHOWN": "yes"}
    monkeypatch.chdir(Path.home())
    assert house.surroundings(head).folder == Path.home()
