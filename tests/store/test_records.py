from __future__ import annotations

import tomllib
import zlib
from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace

from tests.store.material import CHANGES, HEAD, NODES, TIME, nodes, values, words
from tests.store.test_toml_text import washed
from tui_chat.chat.node import Failure, Head, Node
from tui_chat.chat.tree import HeadChanged, NodeAdded
from tui_chat.store.records import (
    Unreadable,
    change_record,
    head_record,
    node_record,
    read_change,
    read_head,
    read_node,
    seal,
)
from tui_chat.wire.messages import PARTS, Text


def tables(record: bytes) -> dict[str, Any]:
    return tomllib.loads(record.decode())


def clean_node(node: Node) -> Node:
    """The node with every text cleaned as it is when it is stored."""
    plain = {
        name: washed(getattr(node, name))
        for name in ("id", "parent", "model", "answered_by", "request_id", "service_tier", "system_fingerprint")
    }
    parts = tuple(
        replace(part, **{name: washed(getattr(part, name)) for name in part.__struct_fields__}) for part in node.parts
    )
    failure = node.failure and Failure(
        washed(node.failure.key),  # type: ignore[arg-type]
        washed(dict(node.failure.facts)),  # type: ignore[arg-type]
        node.failure.retryable,
    )
    return replace(node, **plain, parts=parts, values=washed(dict(node.values)), failure=failure)  # type: ignore[arg-type]


@given(nodes)
def test_any_node_comes_back_exactly(node: Node) -> None:
    assert read_node(tables(node_record(node, 7))["node"][0]) == clean_node(node)


@pytest.mark.parametrize("node", NODES)
def test_a_node_comes_back(node: Node) -> None:
    found = tables(node_record(node, 7))["node"][0]
    assert found["seq"] == 7
    assert read_node(found) == node


@pytest.mark.parametrize("change", [change for change in CHANGES if not isinstance(change, NodeAdded)])
def test_a_change_comes_back(change: Any) -> None:
    assert read_change(tables(change_record(change, 3, TIME))["change"][0]) == change


@given(words, words, values)
def test_any_head_comes_back(title: str, system: str, chosen: dict[str, Any]) -> None:
    head = Head("x", TIME, title=title, system=system, values=chosen)
    expected = replace(head, title=washed(title), system=washed(system), values=washed(chosen))  # type: ignore[arg-type]
    assert read_head(tables(head_record(head))["session"], "x") == expected
    changed = read_change(tables(change_record(HeadChanged({"values": chosen, "title": title}), 1, TIME))["change"][0])
    assert changed == HeadChanged({"title": washed(title), "values": washed(chosen)})


def test_what_is_unset_is_absent() -> None:
    assert head_record(Head("x", TIME)).decode().splitlines()[:-1] == [
        "[session]", "format = 1", 'id = "x"', "created = 2025-03-01T12:30:05Z",
    ]  # fmt: skip
    record = node_record(Node("x", None, "user", (Text("hi"),), TIME), 1).decode()
    assert record.splitlines()[1:-1] == [
        "[[node]]", 'id = "x"', 'role = "user"', "time = 2025-03-01T12:30:05Z", "seq = 1",
        "[[node.parts]]", 'kind = "text"', 'text = "hi"',
    ]  # fmt: skip


def test_a_record_ends_in_length_and_checksum() -> None:
    *body, trailer = seal("[[node]]\nid = 1\n").splitlines(keepends=True)[1:]
    content = b"".join(body)
    assert trailer == b"# end %d %08x\n" % (len(content), zlib.crc32(content))


def test_text_stands_as_lines_that_tools_can_compare() -> None:
    node = Node("x", None, "user", (Text("one\ntwo\n"),), TIME)
    assert '\ntext = """\none\ntwo\n"""\n' in node_record(node, 1).decode()


@pytest.mark.parametrize(
    "found",
    [None, {}, {"id": "x"}, {"id": 3, "role": "user"}, {"id": "x", "role": "king"}, {"id": "x", "role": []},
     {"id": "", "role": "user"}, {"id": "x", "role": "user", "parent": 4}],
)  # fmt: skip
def test_what_is_no_node_is_said(found: object) -> None:
    with pytest.raises(Unreadable):
        read_node(found)


@pytest.mark.parametrize(
    "part",
    [{"kind": "text"}, {"kind": "text", "text": 3}, {"kind": "video", "text": "x"}, {"text": "x"}, 5,
     {"kind": "image", "detail": "huge"}, {"kind": "image", "width": True}, {"kind": ["text"]}],
)  # fmt: skip
def test_parts_that_make_no_sense_are_left_out_and_said(part: object) -> None:
    node = read_node({"id": "x", "role": "user", "time": TIME, "parts": [part, {"kind": "text", "text": "hi"}]})
    assert (node.parts, node.altered) == ((Text("hi"),), True)


def test_other_fields_that_make_no_sense_are_left_out() -> None:
    node = read_node(
        {"id": "x", "role": "user", "time": TIME, "parent": "x", "finish": "odd", "model": 5, "values": {"a": TIME},
         "usage": {"prompt_tokens": "many", "total_tokens": True}, "timing": {"total_s": "long"}, "failure": {"key": 3}}
    )  # fmt: skip
    assert (node.finish, node.model, dict(node.values), node.failure, node.parent) == ("", "", {}, None, None)
    assert node.usage is not None
    assert node.usage.known() == {}
    assert read_node({"id": "x", "role": "user", "parts": "text"}).altered


@pytest.mark.parametrize(
    "found",
    [None, {}, {"kind": "leaf", "leaf": 3}, {"kind": "deleted"}, {"kind": "deleted", "ids": [1]}, {"kind": "head"}],
)
def test_what_is_no_change_is_said(found: object) -> None:
    with pytest.raises(Unreadable):
        read_change(found)


def test_a_head_change_keeps_to_the_fields_and_types_of_a_head() -> None:
    found = {"kind": "head", "fields": {"title": 3, "pinned": 1, "id": "other", "model": "m"}}
    assert read_change(found) == HeadChanged({"model": "m"})


def test_every_part_kind_has_material() -> None:
    """A new kind of part is in the round trip, or this fails."""
    from tests.store.material import parts

    kinds = {type(example) for example in _examples(parts, 400)}
    assert kinds == set(PARTS.values())
    assert read_head({"title": 3, "created": "then", "values": []}, "x") == Head("x", read_head({}, "x").created)
    assert HEAD.title == read_head(tables(head_record(HEAD))["session"], HEAD.id).title


def _examples(strategy: Any, count: int) -> list[Any]:
    from hypothesis import HealthCheck, Phase, settings

    found: list[Any] = []

    @settings(max_examples=count, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(example: Any) -> None:
        found.append(example)

    collect()
    return found
