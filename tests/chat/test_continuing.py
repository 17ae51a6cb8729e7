"""An answer goes on from what stands: by itself where the model's family can, else because it is asked to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chat.stage import Stage, words
from tui_chat.errors import WireError
from tui_chat.wire import families
from tui_chat.wire.messages import Message, Text
from tui_chat.wire.request import Request, encode


def body(model: str, begun: str = "Once upon ") -> list[dict[str, Any]]:
    said = (Message("user", (Text("tell"),)), Message("assistant", (Text(begun),)))
    return encode(Request(model, said, continues=True), lambda _: b"")["messages"]  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("model", "how", "last"),
    [
        ("claude-sonnet-4-5-20250929", "trailing", {"content": "Once upon"}),
        ("anthropic/claude-3-5-haiku-20241022", "trailing", {"content": "Once upon"}),
        ("claude-opus-4-20250514", "trailing", {"content": "Once upon"}),
        ("claude-opus-4-6", "", {"content": "Once upon "}),
        ("claude-sonnet-4.6", "", {"content": "Once upon "}),
        ("claude-opus-5", "", {"content": "Once upon "}),
        ("claude-sonnet-4-5-thinking", "", {"content": "Once upon "}),
        ("deepseek-chat", "prefix", {"content": "Once upon ", "prefix": True}),
        ("Pro/deepseek-ai/DeepSeek-V3.2", "prefix", {"content": "Once upon ", "prefix": True}),
        ("kimi-k2-0905-preview", "partial", {"content": "Once upon ", "partial": True}),
        ("moonshot-v1-8k", "partial", {"content": "Once upon ", "partial": True}),
        ("gpt-4.1", "", {"content": "Once upon "}),
        ("gemini-2.5-pro", "", {"content": "Once upon "}),
    ],
)
def test_the_beginning_is_marked_as_the_family_wants_it(model: str, how: str, last: dict[str, Any]) -> None:
    assert families.continuation(model) == how
    assert body(model)[-1] == {"role": "assistant", **last}


def test_what_only_ends_with_an_answer_is_not_marked() -> None:
    said = (Message("assistant", (Text("So it is. "),)),)
    for model in ("deepseek-chat", "kimi-k2", "claude-sonnet-4-5"):
        sent = encode(Request(model, said), lambda _: b"")["messages"]
        assert sent == [{"role": "assistant", "content": "So it is. "}]


def begun(stage: Stage, model: str) -> str:
    """A chat with one question and one answer; the question's id."""
    chat = stage.begin()
    stage.run(stage.desk.set_head(chat, model=model))
    stage.scripts.append(words("first"))
    stage.say("tell")
    stage.wait_for_end()
    return stage.tree().path()[0]


@pytest.mark.parametrize(
    ("model", "roles", "continues"),
    [
        ("deepseek-chat", "user assistant", True),
        ("kimi-k2", "user assistant", True),
        ("claude-sonnet-4-5", "user assistant", True),
        ("gpt-4.1", "user assistant user", False),
    ],
)
def test_a_given_beginning_goes_by_the_model(model: str, roles: str, continues: bool) -> None:
    stage = Stage()
    user = begun(stage, model)
    stage.scripts.append(words(" upon", " a time"))
    stage.run(stage.desk.prefill("chat", user, "Once"))
    stage.wait_for_end(2)
    request = stage.requests[-1]
    assert [message.role for message in request.messages] == roles.split() and request.continues is continues
    tree = stage.tree()
    assert tree.node(tree.path()[-1]).text == "Once upon a time"


REFUSED = WireError("error.bad_request", status=400, message="This model does not support assistant message prefill.")


def test_where_that_is_refused_it_is_asked_for_in_words() -> None:
    stage = Stage()
    user = begun(stage, "claude-sonnet-4-5")
    stage.scripts += [[REFUSED], words(" upon a time")]
    stage.run(stage.desk.prefill("chat", user, "Once"))
    stage.wait_for_end(2)
    assert len(stage.requests) == 3
    asked = stage.requests[-1]
    assert [message.role for message in asked.messages] == ["user", "assistant", "user"]
    assert asked.messages[-1].text == "go on" and not asked.continues
    tree = stage.tree()
    assert tree.node(tree.path()[-1]).text == "Once upon a time"


@pytest.mark.parametrize(
    "failure",
    [
        WireError("error.bad_request", status=400, message="temperature must be at most 1"),
        WireError("error.unauthorized", status=401, message="assistant prefill"),
    ],
)
def test_other_refusals_are_told_as_they_are(failure: WireError) -> None:
    stage = Stage()
    user = begun(stage, "deepseek-chat")
    stage.scripts.append([failure])
    stage.run(stage.desk.prefill("chat", user, "Once"))
    ended = stage.wait_for_end(2)
    assert ended.failure is not None and ended.failure.key == failure.key and len(stage.requests) == 2
