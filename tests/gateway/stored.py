"""A gateway that keeps completions: the routes of the list and message-list objects, with paging and filters.

`keeping(gateway)` gives the routes to a `FakeGateway`. `LIST` and `MESSAGES` are the document's own examples.
"""

from __future__ import annotations

import copy
import json
from typing import Any
from urllib.parse import unquote

from tests.gateway.answers import Answer, json_answer
from tests.gateway.connection import Recorded
from tests.gateway.server import FakeGateway

ID = "chatcmpl-AyPNinnUqUDYo9SAdA52NobMflmj2"
COMPLETION: dict[str, Any] = {
    "object": "chat.completion",
    "id": ID,
    "model": "gpt-4o-2024-08-06",
    "created": 1738960610,
    "request_id": "req_ded8ab984ec4bf840f37566c1011c417",
    "tool_choice": None,
    "usage": {"total_tokens": 31, "completion_tokens": 18, "prompt_tokens": 13},
    "seed": 4944116822809979520,
    "top_p": 1.0,
    "temperature": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "system_fingerprint": "fp_50cad350e4",
    "input_user": None,
    "service_tier": "default",
    "tools": None,
    "metadata": {},
    "choices": [
        {
            "index": 0,
            "message": {
                "content": "电路之心低吟,\n在寂静中学习模式—\n未来的宁静火花。",
                "role": "assistant",
                "tool_calls": None,
                "function_call": None,
            },
            "finish_reason": "stop",
            "logprobs": None,
        }
    ],
    "response_format": None,
}
LIST: dict[str, Any] = {"object": "list", "data": [COMPLETION], "first_id": ID, "last_id": ID, "has_more": False}
MESSAGE: dict[str, Any] = {
    "id": f"{ID}-0",
    "role": "user",
    "content": "写一首关于人工智能的俳句",
    "name": None,
    "content_parts": None,
}
MESSAGES: dict[str, Any] = {
    "object": "list",
    "data": [MESSAGE],
    "first_id": f"{ID}-0",
    "last_id": f"{ID}-0",
    "has_more": False,
}


def completion(number: int, model: str = "gpt-4o-mini", **metadata: str) -> dict[str, Any]:
    """One more that is kept; a higher number is younger."""
    made = copy.deepcopy(COMPLETION)
    made |= {"id": f"chatcmpl-{number:04}", "model": model, "created": 1738960610 + number, "metadata": metadata}
    made["choices"][0]["message"]["content"] = f"answer {number}"
    return made


class Keeping:
    """What is kept: completions by id, the youngest last, and the messages that were sent for each."""

    def __init__(self, prefix: str) -> None:
        self.base = f"{prefix}/chat/completions"
        self.completions: dict[str, dict[str, Any]] = {ID: copy.deepcopy(COMPLETION)}
        self.messages: dict[str, list[dict[str, Any]]] = {ID: [copy.deepcopy(MESSAGE)]}
        self.page_most = 20

    def add(self, made: dict[str, Any], *messages: dict[str, Any]) -> str:
        """Keep one more, with these messages, which get ids."""
        id = str(made["id"])
        self.completions[id] = made
        self.messages[id] = [{"id": f"{id}-{at}", **message} for at, message in enumerate(messages)]
        return id

    def __call__(self, request: Recorded) -> Answer | None:
        """The answer of these routes, None for any other."""
        if not request.path.startswith(self.base) or (request.path == self.base and request.method == "POST"):
            return None
        id, _, rest = request.target.partition("?")[0].removeprefix(self.base).strip("/").partition("/")
        id = unquote(id)
        if not id:
            return self._page(request, self._chosen(request))
        if id not in self.completions:
            error = {"message": f"No chat completion found with id '{id}'.", "type": "invalid_request_error"}
            return json_answer({"error": {**error, "param": None, "code": None}}, 404)
        if rest == "messages":
            return self._page(request, self.messages[id])
        if request.method == "POST":
            self.completions[id]["metadata"] = json.loads(request.body)["metadata"]
        if request.method == "DELETE":
            del self.completions[id], self.messages[id]
            return json_answer({"object": "chat.completion.deleted", "id": id, "deleted": True})
        return json_answer(self.completions[id])

    def _chosen(self, request: Recorded) -> list[dict[str, Any]]:
        asked = {name: values[0] for name, values in request.query.items()}
        wanted = {name[9:-1]: text for name, text in asked.items() if name.startswith("metadata[")}
        return [
            row
            for row in self.completions.values()
            if asked.get("model") in (None, row["model"]) and wanted.items() <= (row["metadata"] or {}).items()
        ]

    def _page(self, request: Recorded, rows: list[dict[str, Any]]) -> Answer:
        asked = {name: values[0] for name, values in request.query.items()}
        if asked.get("order") == "desc":
            rows = rows[::-1]
        ids = [row["id"] for row in rows]
        start = ids.index(asked["after"]) + 1 if asked.get("after") in ids else 0
        end = start + min(int(asked.get("limit", self.page_most)), self.page_most)
        page = rows[start:end]
        first, last = (page[0]["id"], page[-1]["id"]) if page else (None, None)
        more = {"first_id": first, "last_id": last, "has_more": end < len(rows)}
        return json_answer({"object": "list", "data": page, **more})


def keeping(gateway: FakeGateway) -> Keeping:
    """Have this gateway keep completions."""
    kept = Keeping(gateway.prefix)
    usual = gateway.routes.answer

    def answer(request: Recorded) -> Answer:
        return kept(request) or usual(request)

    gateway.routes.answer = answer  # type: ignore[method-assign]
    return kept
