"""An answer beside its prediction: what went, what came, and what the gateway counted."""

from __future__ import annotations

from tui_chat.chat.node import Node, now
from tui_chat.ui.predicted import predicted_lines, prediction_of
from tui_chat.wire.messages import Text, Usage
from tui_chat.wire.params import Values

BEFORE = "class User:\n    name: str\n    age: int\n"


def node(text: str, usage: Usage | None = None, **values: object) -> Node:
    sent: Values = {"prediction": {"type": "content", "content": BEFORE}, **values}  # type: ignore[dict-item]
    return Node("n", None, "assistant", (Text(text),), now(), "m", values=sent, usage=usage)


def text(node: Node, whole: bool = False) -> str:
    return "\n".join(each.text for each in predicted_lines(node, whole=whole))


def test_lines_that_went_and_came_are_marked_and_counted() -> None:
    usage = Usage(10, 30, accepted_prediction_tokens=18, rejected_prediction_tokens=7)
    shown = text(node("class User:\n    nick: str\n    age: int", usage))
    assert "that went: 1; lines that came: 1." in shown and "18 taken, 7 not taken" in shown
    assert "−     name: str" in shown and "+     nick: str" in shown


def test_a_fence_around_the_whole_answer_is_no_change() -> None:
    assert "The answer is what was predicted." in text(node(f"```python\n{BEFORE}```\n"))
    fenced = {"prediction": {"type": "content", "content": f"```\n{BEFORE}```"}}
    assert "The answer is what was predicted." in text(node(f"```\n{BEFORE}```", **fenced))


def test_the_whole_text_shows_what_stayed() -> None:
    long = "\n".join(f"line {number}" for number in range(40))
    sent = {"prediction": {"type": "content", "content": long}}
    changed = node(long.replace("line 20\n", "other\n"), **sent)
    assert "line 1\n" not in text(changed) and "  line 1\n" in text(changed, whole=True)


def test_control_characters_of_a_model_are_shown_not_obeyed() -> None:
    assert "\x1b" not in text(node("\x1b[2J"))


def test_a_prediction_of_parts_is_one_text() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert prediction_of({"prediction": {"type": "content", "content": parts}}) == "ab"
    assert prediction_of({}) is None and prediction_of({"prediction": {"type": "content", "content": ""}}) is None
