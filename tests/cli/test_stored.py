"""`stored`: every action, in words and as the API's own objects."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests.cli.conftest import Run
from tests.gateway.server import FakeGateway
from tests.gateway.stored import COMPLETION, ID, LIST, MESSAGES, Keeping, completion, keeping


@pytest.fixture
def kept(keyed: FakeGateway) -> Keeping:
    return keeping(keyed)


def test_the_list_shows_what_there_is(run: Run, kept: Keeping):
    ran = run("stored", "list")
    assert ran.code == 0 and ran.out.startswith(f"{ID}  2025-02-07 ") and "gpt-4o-2024-08-06" in ran.out
    assert "电路之心低吟, 在寂静中学习模式— 未来的宁静火花。" in ran.out and ran.err == ""


def test_json_is_what_came_with_every_null(run: Run, kept: Keeping):
    assert run("stored", "list", "--json").json == LIST
    assert run("stored", "show", ID, "--json").json == COMPLETION
    assert run("stored", "messages", ID, "--json").json == MESSAGES


def test_one_is_shown_with_its_fields_and_messages(run: Run, kept: Keeping):
    shown = run("stored", "show", ID).out
    for name, value in COMPLETION.items():
        if name not in ("choices", "object"):
            assert f"{name}: {value if isinstance(value, str) else json.dumps(value)}\n" in shown
    assert shown.endswith("未来的宁静火花。\n")
    assert run("stored", "messages", ID).out == "You:\n写一首关于人工智能的俳句\n\n"


def test_pages_and_filters(run: Run, kept: Keeping, keyed: FakeGateway):
    for number in range(5):
        kept.add(completion(number, "m" if number % 2 else "n", run=str(number % 3)))
    ran = run("stored", "list", "--limit", "2")
    assert [line.split()[0] for line in ran.out.splitlines()] == ["chatcmpl-0004", "chatcmpl-0003"]
    assert "--after chatcmpl-0003" in ran.err
    following = run("stored", "list", "--limit", "2", "--after", "chatcmpl-0003", "--order", "desc").out
    assert following.split()[0] == "chatcmpl-0002"
    whole = run("stored", "list", "--limit", "2", "--all", "--json").json
    assert [row["id"] for row in whole["data"]] == [*(f"chatcmpl-{number:04}" for number in (4, 3, 2, 1, 0)), ID]
    assert (whole["first_id"], whole["last_id"], whole["has_more"]) == ("chatcmpl-0004", ID, False)
    found = run("stored", "list", "-m", "m", "--metadata", "run=0", "--json").json
    assert [row["id"] for row in found["data"]] == ["chatcmpl-0003"]
    ran = run("stored", "list", "-m", "none")
    assert (ran.code, ran.out) == (0, "") and "Nothing is stored" in ran.err


def test_metadata_is_changed(run: Run, kept: Keeping):
    assert run("stored", "update", ID, "topic=诗", "a=b=c").out == f"{ID} has new metadata.\n"
    assert kept.completions[ID]["metadata"] == {"topic": "诗", "a": "b=c"}
    assert run("stored", "update", ID, "--clear", "--json").json["metadata"] == {}
    for wrong in ((), ("x",), ("a=b", "--clear"), ("k" * 65 + "=v",), ("k=" + "v" * 513,), ("=v",)):
        assert run("stored", "update", ID, *wrong).code == 2
    assert run("stored", "update", ID, *(f"k{number}=v" for number in range(17))).code == 2
    assert kept.completions[ID]["metadata"] == {}


def test_deleting_needs_a_yes(run: Run, kept: Keeping, monkeypatch: pytest.MonkeyPatch):
    ran = run("stored", "delete", ID)
    assert ran.code == 2 and "--yes" in ran.err and ID in kept.completions
    asked: list[str] = []
    with monkeypatch.context() as terminal:
        terminal.setattr("tui_chat.cli.stored.sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
        terminal.setattr("builtins.input", lambda question: asked.append(question) or "no")
        assert run("stored", "delete", ID).code == 130
    assert asked == [f"Delete {ID} for good? [y/N] "] and ID in kept.completions
    assert run("stored", "delete", ID, "--yes", "--json").json["deleted"] is True
    assert kept.completions == {}
    ran = run("stored", "delete", ID, "-y")
    assert ran.code == 1 and f"no completion {ID}" in ran.err


@pytest.mark.parametrize(
    "action", [("list",), ("show", ID), ("messages", ID), ("update", ID, "a=b"), ("delete", ID, "-y")]
)
def test_a_gateway_without_it_says_so_in_one_sentence(run: Run, keyed: FakeGateway, action: tuple[str, ...]):
    ran = run("stored", *action)
    assert ran.code == 1 and ran.out == "" and ran.err.startswith("This gateway keeps no completions to look at.\n")


def test_it_speaks_chinese(run: Run, keyed: FakeGateway, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "该网关没有可查看的已存储补全。" in run("stored", "list").err
    assert "元数据" in run("stored", "--help").out


def test_bad_usage(run: Run, kept: Keeping, keyed: FakeGateway):
    for wrong in ((), ("list", "--limit", "0"), ("list", "--limit", "101"), ("show",), ("list", "--order", "up")):
        assert run("stored", *wrong).code == 2
    assert run("stored", "list", "--metadata", "x").code == 2
    assert keyed.requests == []


def test_names_cant_drive_the_terminal(run: Run, kept: Keeping):
    made = completion(1, "a\x1b[2Jb", **{"k\x07": "v\x1b"})
    kept.add(made, {"role": "user", "content": "x", "name": "n\x1b[2J"})
    assert "\x1b" not in run("stored", "list").out + run("stored", "messages", "chatcmpl-0001").out


def test_without_a_key_it_is_said(run: Run):
    ran = run("stored", "list")
    assert ran.code == 1 and "key" in ran.err
