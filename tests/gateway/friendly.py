"""The friendly model of the fake gateway: checks a request as new-api does, answers something that fits it, streamed.

Words in the last user message pick another behaviour ("error 429", "cut", "reasoning" …), so that a person with the
program in a terminal can try each state; "help" lists them.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.gateway.answers import (
    DONE,
    PING,
    STREAM_HEADERS,
    Answer,
    Cut,
    Hold,
    Pause,
    Reset,
    Step,
    data,
    html_answer,
    json_answer,
    middleware_error,
    relay_error,
)
from tests.gateway.connection import Recorded
from tests.gateway.documents import bullets, code, document, paragraph, table, tokens
from tests.gateway.speech import predicted, spoken

HOSTILE = (
    "Colour \x1b[31mred\x1b[0m, title \x1b]0;owned\x07, clipboard \x1b]52;c;ZXZpbA==\x07, C1 \x9b31m, "
    "bidi \u202egnp.exe, [link](javascript:alert(1))."
)
HELP = {
    "help": "this list",
    "error 429 | error rate_limited | error list": "an error by status or by row",
    "case NAME | case list": "a named case of the test suite",
    "cut, reset, stall, done": "half an answer, then FIN, RST, silence, or [DONE] without a finish reason",
    "slow, fast, silence N": "2 tokens a second; no waiting; N seconds before the first byte",
    "reasoning, think": "reasoning_content first; the same in <think> tags",
    "table, code, list, long, size N": "that kind of Markdown; a document of N bytes",
    "length, filter, refuse, empty": "other endings",
    "sources, picture, tools": "annotations; an image; two tool calls",
    "speak": "a spoken answer",
    "predict": "the prediction, a line of it changed",
    "call NAME {…}": "calls that tool; several lines, several calls; with the word 'again', round after round",
    "style NAME": "on a line of its own beside such calls: they come as that upstream writes them; ? lists them",
    "ping, gzip, restart, plain, html": "oddities of transport",
    "hostile": "terminal escapes in the text",
}


@dataclass
class Plan:
    """How one answer will run: changed by the words found, then played."""

    text: str
    tokens_per_s: float
    reasoning: str = ""
    finish: str | None = "stop"
    silence_s: float = 0.0
    refusal: str = ""
    ending: Step | None = None
    """Breaks off after half of the text."""
    pings: bool = False
    gzip: bool = False
    restart: bool = False
    extras: tuple[dict[str, Any], ...] = ()
    """More deltas, sent before the finish."""


@dataclass
class Friendly:
    """Answers chat completions.

    Attributes:
        tokens_per_s: speed of streaming, 0 = at once.
        size_bytes: size of a "long" document.
        script: words that are taken in place of the message's.
    """

    tokens_per_s: float = 0.0
    size_bytes: int = 2000
    script: str = ""

    def __call__(self, request: Recorded) -> Answer:
        refused = check(request)
        if refused is not None:
            return refused
        asked = request.json
        words = self.script or request.last_user_text
        plan = Plan(reply_text(asked, request.last_user_text), self.tokens_per_s)
        special = self._special(words) or spoken(asked, words) or predicted(asked, words)
        special = special or call_tools(plan, words, asked) or adapt(plan, words, self.size_bytes)
        if special is not None:
            return special
        limit = asked.get("max_completion_tokens") or asked.get("max_tokens")
        pieces = tokens(plan.text)
        if limit and len(pieces) > limit:
            plan.text, plan.finish = "".join(pieces[:limit]), "length"
        return stream(plan, asked) if asked.get("stream") else at_once(plan, asked)

    def _special(self, words: str) -> Answer | None:
        """An answer by name: an error of the catalogue or a case."""
        if wanted := re.search(r"\berror[: ]+(\w[\w-]*)", words):
            from tests.gateway.errors_catalogue import ERRORS

            name = wanted[1]
            for known in ERRORS:
                if name in (known.row, known.id, str(known.answer.status)):
                    return known.answer
            return note("\n".join(f"- `error {known.id}` {known.answer.status}" for known in ERRORS))
        if wanted := re.search(r"\bcase[: ]+(\w[\w-]*)", words):
            from tests.gateway.cases import BY_NAME, CASES  # late: large, and most tests want none of it

            if wanted[1] in BY_NAME:
                return BY_NAME[wanted[1]].answer
            return note("\n".join(f"- {known.number}: `case {known.name}`" for known in CASES if known.number != 5))
        return None


def check(request: Recorded) -> Answer | None:
    """The gateway's own refusals: key, content type, JSON, model, messages."""
    chinese = request.headers.get("accept-language", "").lower().startswith("zh")
    if not request.headers.get("authorization", "").removeprefix("Bearer").strip():
        return middleware_error("未提供令牌" if chinese else "Token not provided", 401)
    try:
        asked = request.json if request.headers.get("content-type", "").startswith("application/json") else {}
    except ValueError as error:
        return middleware_error(("无效的请求, " if chinese else "Invalid request: ") + str(error), 400)
    if not isinstance(asked, dict) or not asked.get("model"):
        return middleware_error(
            "未指定模型名称，模型名称不能为空" if chinese else "Invalid request: model is required", 400
        )
    if not asked.get("messages"):
        return relay_error("field messages is required", "invalid_request", 500)
    limit = asked.get("max_tokens")
    if limit is not None and (not isinstance(limit, int) or limit < 0):
        return relay_error("max_tokens is invalid", "invalid_request", 500)
    return None


def reply_text(asked: dict[str, Any], said: str) -> str:
    """A few paragraphs that show the request was read: what was said, how many turns, which parts and parameters."""
    messages = asked["messages"]
    rng = random.Random(said)
    first = said.strip().splitlines()[0][:80] if said.strip() else "…"
    turns = sum(1 for m in messages if m.get("role") == "user")
    lines = [f"You said **{first}** in turn {turns}, to `{asked['model']}`."]
    parts = messages[-1].get("content")
    for part in parts if isinstance(parts, list) else ():
        if part.get("type") != "text":
            inner = part.get(part["type"], {})
            about = inner.get("filename") or inner.get("format") or str(inner.get("url", ""))[:40]
            lines.append(f"- with a part `{part['type']}`: {about}")
    known = {"model", "messages", "stream", "stream_options"}
    lines += [f"- `{name}` = `{asked[name]!r}`"[:200] for name in sorted(set(asked) - known)]
    return "\n".join(lines) + "\n\n" + paragraph(rng)


def call_tools(plan: Plan, words: str, asked: dict[str, Any]) -> Answer | None:
    """Calls of the tools that the words name, a line each; once they have their results, words about those."""
    wanted = re.findall(r"^call (\w+) (\{.*\})$", words, re.MULTILINE)
    if not wanted:
        return None
    messages = asked["messages"]
    if messages[-1].get("role") == "tool" and not re.search(r"\bagain\b", words):
        results = [str(m["content"]) for m in messages if m.get("role") == "tool"][-len(wanted) :]
        plan.text = "The tools say:\n\n" + "\n\n".join(f"```\n{result[:400]}\n```" for result in results)
    elif style := re.search(r"^style (\w+)$", words, re.MULTILINE):
        from tests.gateway.tool_styles import STYLES

        if style[1] not in STYLES:
            return note("\n".join(f"- `style {name}`" for name in STYLES))
        return STYLES[style[1]](*((f"call_{len(messages)}_{at}", *each) for at, each in enumerate(wanted)))
    else:
        plan.text = "Let me look."
        plan.finish = "tool_calls"
        plan.extras = tuple(
            {"tool_calls": [{"index": at, "id": f"call_{len(messages)}_{at}", "type": "function",
                             "function": {"name": name, "arguments": arguments}}]}
            for at, (name, arguments) in enumerate(wanted)
        )  # fmt: skip
    return stream(plan, asked) if asked.get("stream") else at_once(plan, asked)


def adapt(plan: Plan, words: str, size_bytes: int) -> Answer | None:
    """Change the plan by the words of the message; an answer where no plan can do it."""
    rng = random.Random(words)

    def has(*names: str) -> bool:
        return any(re.search(rf"(?<![\w]){name}(?![\w])", words, re.IGNORECASE) for name in names)

    def number(name: str, default: float) -> float:
        found = re.search(rf"\b{name}[ =]+(\d+)", words)
        return float(found[1]) if found else default

    if has("html"):
        return html_answer("<!doctype html><title>New API</title>")
    if has("help"):
        return note(
            "| say | to get |\n|---|---|\n" + "".join(f"| `{k.replace('|', ',')}` | {v} |\n" for k, v in HELP.items())
        )
    kinds: dict[str, Callable[[], str]] = {
        "table": lambda: table(rng),
        "code": lambda: code(rng) + "\n\n" + code(rng),
        "list": lambda: bullets(rng),
        "long": lambda: document(size_bytes, rng.randrange(1000)),
        "hostile": lambda: HOSTILE,
    }
    for name, make in kinds.items():
        if has(name):
            plan.text = make()
    if (size := number("size", 0)) > 0:
        plan.text = document(int(size), 1)
    if has("reasoning"):
        plan.reasoning = paragraph(rng) + "\n\n" + paragraph(rng)
    if has("think"):
        plan.text = f"<think>\n{paragraph(rng)}\n</think>\n\n{plan.text}"
    plan.tokens_per_s = 2.0 if has("slow") else 0.0 if has("fast") else plan.tokens_per_s
    plan.silence_s = number("silence", 0)
    endings: dict[str, Step] = {"cut": Cut(), "reset": Reset(), "stall": Hold(), "done": DONE}
    plan.ending = next((step for name, step in endings.items() if has(name)), None)
    plan.finish = "length" if has("length") else "content_filter" if has("filter") else plan.finish
    plan.pings, plan.gzip, plan.restart = has("ping"), has("gzip"), has("restart")
    if has("empty"):
        plan.text = ""
    if has("refuse"):
        plan.text, plan.refusal = "", "I can't help with that."
    plan.extras = extras(has)
    if has("tools"):
        plan.finish = "tool_calls"
    return None


def extras(has: Callable[..., bool]) -> tuple[dict[str, Any], ...]:
    """Deltas besides text: sources, a picture, tool calls."""
    found: list[dict[str, Any]] = []
    if has("sources"):
        about = {"start_index": 0, "end_index": 8, "url": "https://example.org/a", "title": "An example 例子"}
        found.append({"annotations": [{"type": "url_citation", "url_citation": about}]})
    if has("picture"):
        from tests.gateway.cases_rich import image_part

        found.append({"images": [image_part(64)]})
    if has("tools"):
        for index, (name, arguments) in enumerate((("get_weather", '{"city":"北京"}'), ("get_time", "{}"))):
            function = {"name": name, "arguments": arguments}
            found.append(
                {"tool_calls": [{"index": index, "id": f"call_{index}", "type": "function", "function": function}]}
            )
    return tuple(found)


def counted(asked: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Usage by a rough tokenizer: the same one that cuts the stream."""
    prompt = sum(len(tokens(str(m.get("content", ""))[:20000])) + 4 for m in asked["messages"])
    thought = len(tokens(plan.reasoning))
    completion = (len(tokens(plan.text)) + thought) * (asked.get("n") or 1)
    details = {"reasoning_tokens": thought, "audio_tokens": 0}
    sums = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**sums, "prompt_tokens_details": {"cached_tokens": 0}, "completion_tokens_details": details}


def answer_head(asked: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{time.monotonic_ns():x}", "object": kind, "created": 1787465742, "model": asked["model"]}


def stream(plan: Plan, asked: dict[str, Any]) -> Answer:
    """The plan as an event stream at its speed; steps are made while they are sent, so size costs no memory."""
    about = answer_head(asked, "chat.completion.chunk")
    choices = range(asked.get("n") or 1)

    def event(delta: dict[str, Any], finish: str | None = None, index: int = 0) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
        return data({**about, "system_fingerprint": "fp_test", "choices": [choice], "usage": None})

    def steps() -> Iterator[Step]:
        if plan.pings:
            yield PING
        if plan.silence_s:
            yield Pause(plan.silence_s)
        began = time.monotonic()
        due = 0.0
        pieces = tokens(plan.text)
        half = len(pieces) // 2
        flow = [("reasoning_content", piece) for piece in tokens(plan.reasoning)] + [("content", p) for p in pieces]
        last = len(flow) - half
        yield event({"role": "assistant", "content": ""})
        if plan.refusal:
            yield event({"refusal": plan.refusal})
        for count, (name, piece) in enumerate(flow):
            if plan.ending is not None and count == last:
                yield plan.ending
                return
            if plan.restart and count == last:
                about["id"] += "-again"
                yield event({"role": "assistant", "content": ""})
            if plan.pings and count % 20 == 0:
                yield PING
            for index in choices:
                yield event({name: piece}, None, index)
            if plan.tokens_per_s:
                due += 1 / plan.tokens_per_s
                if (rest := began + due - time.monotonic()) > 0:
                    yield Pause(rest)
        for delta in plan.extras:
            yield event(delta)
        for index in choices:
            yield event({}, plan.finish, index)
        if (asked.get("stream_options") or {}).get("include_usage", True):
            yield data({**about, "choices": [], "usage": counted(asked, plan)})
        yield DONE

    return Answer(200, STREAM_HEADERS, steps, encoding="gzip" if plan.gzip else "")


def at_once(plan: Plan, asked: dict[str, Any]) -> Answer:
    """The plan as one JSON object, after the time the stream would have taken."""
    message: dict[str, Any] = {"role": "assistant", "content": plan.text or None, "refusal": plan.refusal or None}
    if plan.reasoning:
        message["reasoning_content"] = plan.reasoning
    for delta in plan.extras:
        for name, items in delta.items():
            message.setdefault(name, []).extend(items)
    choices = [
        {"index": n, "message": message, "logprobs": None, "finish_reason": plan.finish}
        for n in range(asked.get("n") or 1)
    ]
    answer = json_answer({**answer_head(asked, "chat.completion"), "choices": choices, "usage": counted(asked, plan)})
    wait_s = plan.silence_s + (len(tokens(plan.text)) / plan.tokens_per_s if plan.tokens_per_s else 0)
    return answer.after(Pause(wait_s)) if wait_s else answer


def note(text: str) -> Answer:
    """Words of the stand itself, streamed at once."""
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    about = {"id": "chatcmpl-note", "object": "chat.completion.chunk", "created": 1787465742, "model": "test-stand"}
    return Answer(200, STREAM_HEADERS, data({**about, "choices": [choice]}) + DONE)
