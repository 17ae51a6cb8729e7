"""How did tools travel before there were `tools`? As `functions`, one call a message, its result in the next one.

For models and upstreams that know nothing else; the person asks for it (`functions`). What comes back in this form is
read wherever it comes: as one tool call.

Source: chat-completions `functions`, `function_call`, the function message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice, takewhile

Body = dict[str, object]


def functions(tools: Iterable[Mapping[str, object]]) -> list[object]:
    """`functions` for the elements of `tools`; `strict` is unknown there."""
    found: list[object] = []
    for tool in tools:
        function = tool["function"]
        assert isinstance(function, Mapping)
        found.append({name: value for name, value in function.items() if name != "strict"})
    return found


def messages(encoded: Iterable[Body]) -> list[Body]:
    """The encoded messages with each tool call as a `function_call` that its result follows at once.

    Args:
        encoded: elements of `messages` in which every call has its result behind it, as `chat/sending.py` makes them.
    """
    waiting = list(encoded)
    sent: list[Body] = []
    for at, message in enumerate(waiting):
        calls = message.get("tool_calls")
        if isinstance(calls, list):
            behind = takewhile(lambda other: "tool_call_id" in other, islice(waiting, at + 1, None))
            results = {result["tool_call_id"]: result for result in behind}  # other answers may use the same ids
            said = {name: value for name, value in message.items() if name != "tool_calls"}
            for call in calls:
                sent.append({**said, "function_call": call["function"]})
                said["content"] = None  # its words stand before the first of its calls
                if (result := results.get(call["id"])) is not None:
                    name = call["function"]["name"]
                    sent.append({"role": "function", "name": name, "content": result["content"]})
        elif "tool_call_id" not in message:
            sent.append(message)
    return sent
