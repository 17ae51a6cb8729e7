"""What the person approved: pinned by hash, compared, kept; and what should make a person look twice."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tui_chat.tools.mcp_pins import Definition, Pins, define, hidden_characters
from tui_chat.tools.mcp_plan import ServerPlan

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer", "description": "A number."}}}
PLAN = ServerPlan("s", ("server", "--all"), {"TOKEN": "1"})


def made(
    plan: ServerPlan = PLAN, tool: str = "add", description: str = "Add.", schema: dict | None = None
) -> Definition:
    return define(plan, tool, description, schema or SCHEMA)


@pytest.fixture
def pins(tmp_path: Path) -> Pins:
    return Pins(tmp_path / "config" / "mcp.json")


@pytest.mark.parametrize(
    "changed",
    [
        made(description="Add. "),
        made(schema={"type": "object", "properties": {"a": {"type": "integer", "description": "Any number."}}}),
        made(schema={**SCHEMA, "required": ["a"]}),
        made(ServerPlan("s", ("server", "--all", "--more"))),
        made(ServerPlan("s", ("other", "--all"))),
        made(ServerPlan("s", url="https://example.com/mcp")),
    ],
)
def test_every_change_of_what_is_pinned_is_a_change(pins: Pins, changed: Definition):
    assert pins.judged(made()).standing == "new"
    pins.approve(made())
    again = Pins(pins.path)
    assert again.judged(made()).standing == "approved"
    judged = again.judged(changed)
    assert judged.standing == "changed"
    assert any(line.startswith("+") for line in judged.diff.splitlines())
    assert again.judged(made(tool="other")).standing == "new"


def test_the_order_of_a_schema_is_no_change(pins: Pins):
    pins.approve(made(schema={"type": "object", "properties": {"a": {"type": "integer"}}}))
    turned = made(schema={"properties": {"a": {"type": "integer"}}, "type": "object"})
    assert pins.judged(turned).standing == "approved"


def test_a_command_is_confirmed_to_the_letter(pins: Pins):
    pins.confirm(PLAN)
    assert Pins(pins.path).confirmed(PLAN)
    assert pins.confirmed(ServerPlan("s", PLAN.command, {"TOKEN": "another token"}))
    others = [
        ServerPlan("s", ("server",), PLAN.env),
        ServerPlan("s", ("server --all",), PLAN.env),
        ServerPlan("s", PLAN.command, {"TOKEN": "1", "LD_PRELOAD": "x"}),
        ServerPlan("s", PLAN.command, PLAN.env, folder="/tmp"),
        ServerPlan("t", PLAN.command, PLAN.env),
        ServerPlan("s", url="https://example.com"),
    ]
    assert [pins.confirmed(other) for other in others] == [False] * len(others)
    assert pins.before(others[0]) == PLAN.command
    assert pins.before(PLAN) == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b'{"format": 2, "servers": {"s": {"launch": "x"}}}',
        b'{"format":1,"servers":[]}',
    ],
)
def test_a_file_that_can_not_be_read_approves_nothing(pins: Pins, content: bytes):
    pins.confirm(PLAN)
    pins.approve(made())
    pins.path.write_bytes(content)
    again = Pins(pins.path)
    assert not again.confirmed(PLAN)
    assert again.judged(made()).standing == "new"
    again.confirm(PLAN)
    assert Pins(pins.path).confirmed(PLAN)


def test_odd_pins_approve_nothing(pins: Pins):
    for server in ({"tools": []}, {"tools": {"add": "yes"}}, {"launch": 1, "target": "x", "tools": {"add": {}}}):
        pins.path.parent.mkdir(exist_ok=True)
        pins.path.write_text(json.dumps({"format": 1, "servers": {"s": server}}))
        again = Pins(pins.path)
        assert not again.confirmed(PLAN)
        assert again.judged(made()).standing != "approved"
        assert again.before(PLAN) == ()


def test_two_windows_do_not_undo_each_other(pins: Pins):
    other = Pins(pins.path)
    pins.confirm(PLAN)
    other.approve(made())
    assert Pins(pins.path).confirmed(PLAN)
    assert Pins(pins.path).judged(made()).standing == "approved"
    pins.forget("s")
    assert not Pins(pins.path).confirmed(PLAN)
    if os.name != "nt":
        assert pins.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Adds two numbers.\n\tReally.", 0),
        ("加两个数字，然后返回。", 0),
        ("می‌خواهم", 0),  # a joiner inside a Persian word
        ("family 👨‍👩‍👧 and ❤️ and 1️⃣", 0),
        ("क्‍ष", 0),
        ("a\u200bb", 1),
        ("\u202eevil", 1),
        ("tags\U000e0041\U000e0042", 2),
        ("a\u200db", 1),
        ("bell\x07 and \x9b", 2),
        ("blank\u3164", 1),
        ("line\u2028end", 1),
        ("vs\U000e0100", 1),
        ("soft\u00adhyphen", 1),
        ("\ufeffbom", 1),
    ],
)
def test_hidden_characters_are_counted_and_honest_ones_are_not(text: str, count: int):
    assert hidden_characters(text) == count


def test_flags(pins: Pins):
    assert pins.judged(made(description="x" * 1000)).flags == ()
    assert pins.judged(made(description="x" * 1001)).flags == ("long",)
    hiding = {"type": "object", "properties": {"a": {"enum": ["fine", "not\u2066fine"]}}}
    assert pins.judged(made(schema=hiding)).flags == ("hidden",)
    assert pins.judged(made(schema={"type": "object", "properties": {"a\u200b": {}}})).flags == ("hidden",)
