"""Cases of text, usage, reasoning, several choices, restarts and finish reasons (rows 1, 2, 3, 4, 6, 8, 9, 13, 20)."""

# ruff: noqa: E501 - a recorded answer stands on one line, as it travels

from __future__ import annotations

from typing import Any

from tests.gateway.answers import DONE, PING, Answer, Cut, Hold, Reset, data, sse
from tests.gateway.case import Case
from tests.gateway.upstreams import (
    claude,
    counts,
    deepseek,
    gateway_usage,
    gemini,
    head,
    openai,
    openai_usage,
    openrouter,
    plain,
    usage,
)

START = openai({"role": "assistant", "content": "", "refusal": None})
HELLO = 'Hello! 你好，世界 🌏 — "quoted"\n\n- a\\b\t\u2028end'
WORDS = [HELLO[i : i + 4] for i in range(0, len(HELLO), 4)]
SAID = b"".join(openai({"content": word}) for word in WORDS)
STOP = openai({}, "stop")
COUNTED = openai_usage(usage(9, 12))
WHOLE = START + SAID + STOP + COUNTED + DONE
DONE_WELL = {"text": HELLO, "finish_reason": "stop", "complete": True, "usage": counts(9, 12), "error_key": None}
CUT_SHORT = {"text": HELLO, "finish_reason": None, "complete": False, "error_key": None}
BROKEN_OFF = {"text": HELLO, "finish_reason": None, "complete": False}
"""The connection itself broke: a client may say so as an error, or just end the answer as interrupted."""

AZURE_FIRST = data(
    {
        "choices": [],
        "created": 0,
        "id": "",
        "model": "",
        "object": "",
        "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {"hate": {"filtered": False}}}],
    }
)

PLAIN = (
    Case("openai", 1, WHOLE, {**DONE_WELL, "id": "chatcmpl-D3vK9wQx7Lm2", "service_tier": "default"}),
    Case("azure-filter-results-first", 1, AZURE_FIRST + WHOLE, {**DONE_WELL, "model": "gpt-4o-mini-2024-07-18"}),
    Case(
        "claude-many-empty-deltas",
        1,
        claude({"content": "", "role": "assistant"})
        + b"".join(claude({"content": word}) + claude({}) for word in WORDS)
        + claude({}, "stop")
        + claude({}, None, usage(9, 12))
        + DONE,
        {**DONE_WELL, "id": "msg_01XFDUDYJgAACzvnptvVoYEL"},
    ),
    Case(
        "gemini-role-first-stop-alone",
        1,
        gemini({"role": "assistant"}) + gemini({"content": HELLO}) + gemini({}, "stop") + gateway_usage(usage(9, 12)) + DONE,
        DONE_WELL,
    ),
    Case(
        "minimax-final-message-is-not-added-again",
        1,
        plain("MiniMax-M2", {"role": "assistant", "content": "Hel"})
        + plain("MiniMax-M2", {"content": "lo"})
        + data(
            head("chat-7c1f", "MiniMax-M2")
            | {
                "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello"}}],
                "object": "chat.completion",
                "usage": {"total_tokens": 15, "prompt_tokens": 10, "completion_tokens": 5},
                "base_resp": {"status_code": 0, "status_msg": ""},
            }
        )
        + DONE,
        {"text": "Hello", "finish_reason": "stop", "complete": True, "usage": {"total_tokens": 15}},
    ),
    Case("refusal", 1, START + openai({"refusal": "I can't "}) + openai({"refusal": "help with that."}) + STOP + DONE,
         {"text": "", "refusal": "I can't help with that.", "finish_reason": "stop", "complete": True}),
    Case("empty-answer", 1, START + STOP + COUNTED + DONE, {"text": "", "finish_reason": "stop", "complete": True}),
    Case("null-choices-and-unknown-fields", 1,
         START + data({**head("x", "m"), "choices": None, "moderation": {}}) + data({"new_thing": [1]}) + SAID + STOP + DONE,
         {**DONE_WELL, "usage": None}),
)  # fmt: skip

TWO_LINES = (
    b'data: {"id":"a","model":"m","choices":[{"index":0,\ndata: "delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'
)

FRAMES = (
    Case("pings-before-and-within", 2, PING * 2 + START + PING + SAID.replace(b"\n\n", b"\n\n: PING\n\n", 3) + STOP + COUNTED + DONE, DONE_WELL),
    Case("crlf-line-ends", 2, WHOLE.replace(b"\n", b"\r\n"), DONE_WELL),
    Case("cr-line-ends", 2, WHOLE.replace(b"\n", b"\r"), DONE_WELL),
    Case("no-space-after-data", 2, WHOLE.replace(b"data: ", b"data:"), DONE_WELL),
    Case("byte-order-mark", 2, b"\xef\xbb\xbf" + WHOLE, DONE_WELL),
    Case("event-id-and-retry-lines", 2, WHOLE.replace(b"data: ", b"event: message\nid: 7\nretry: 3000\ndata: "), DONE_WELL),
    Case("one-event-on-two-data-lines", 2, TWO_LINES + DONE, {"text": "Hi", "finish_reason": "stop", "complete": True}),
    Case("one-byte-at-a-time", 2, WHOLE, DONE_WELL, given=sse(WHOLE).sliced(1)),
    Case("gzip-flushed-by-chunk", 2, WHOLE, DONE_WELL, given=sse(START, SAID, STOP, COUNTED, DONE, encoding="gzip").sliced(97)),
    Case("deflate", 2, WHOLE, DONE_WELL, given=sse(WHOLE, encoding="deflate")),
    Case("body-without-length", 2, WHOLE, DONE_WELL, given=sse(WHOLE, framing="close")),
)  # fmt: skip

CHOICE_USAGE = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}
USAGES = (
    Case(
        "in-every-chunk-last-wins",
        3,
        b"".join(plain("qwen3-max", {"content": word}, usage=usage(9, n)) for n, word in enumerate(WORDS, 1))
        + plain("qwen3-max", {"content": ""}, "stop", usage=usage(9, 12))
        + DONE,
        DONE_WELL,
    ),
    Case("alone-with-empty-choices", 3, WHOLE, DONE_WELL),
    Case("none", 3, START + SAID + STOP + DONE, {**DONE_WELL, "usage": None}),
    Case("null-after-value-does-not-erase", 3, START + SAID + STOP + COUNTED + openai_usage(None) + DONE, DONE_WELL),
    Case(
        "moonshot-in-the-choice",
        3,
        plain("kimi-k2", {"role": "assistant", "content": HELLO})
        + data(
            head("chat-7c1f", "kimi-k2")
            | {
                "choices": [
                    {"index": 0, "delta": {}, "finish_reason": "stop", "usage": {**CHOICE_USAGE, "cached_tokens": 3}}
                ]
            }
        )
        + DONE,
        {**DONE_WELL, "usage": CHOICE_USAGE},
    ),
    Case(
        "details-null-and-deepseek-cache-names",
        3,
        START
        + SAID
        + STOP
        + openai_usage(
            CHOICE_USAGE
            | {"prompt_tokens_details": None, "completion_tokens_details": None, "prompt_cache_hit_tokens": 4}
        )
        + DONE,
        {**DONE_WELL, "usage": {**CHOICE_USAGE, "cached_tokens": 4}},
    ),
)

ENDS = (
    Case("done-without-finish", 4, START + SAID + DONE, CUT_SHORT),
    Case("upstream-lost-usage-and-done-but-no-finish", 4, START + SAID + gateway_usage(usage(9, 11)) + DONE,
         {**CUT_SHORT, "usage": counts(9, 11)}),
    Case("eof-without-done-or-finish", 4, START + SAID, CUT_SHORT),
    Case("eof-in-a-half-line", 4, START + SAID + openai({"content": "lost"})[:60], CUT_SHORT),
    Case("eof-inside-a-character", 4, START + openai({"content": "甲乙"})[:-1].split("乙".encode())[0] + "乙".encode()[:2],
         {"text": "", "finish_reason": None, "complete": False}),
    Case("eof-after-finish-without-done", 4, START + SAID + STOP, {**DONE_WELL, "usage": None}),
    Case("cut-in-mid-chunk", 4, START + SAID, BROKEN_OFF, given=sse(START, SAID, Cut())),
    Case("reset", 4, START + SAID, BROKEN_OFF, given=sse(START, SAID, Hold("read"), Reset())),
    Case("nothing-at-all", 4, b"", {"text": "", "finish_reason": None, "complete": False}),
    Case("done-alone", 4, DONE, {"text": "", "finish_reason": None, "complete": False}),
)  # fmt: skip


def thought(*deltas: dict[str, Any], make: Any = openai) -> bytes:
    """A whole stream of these deltas, ended by stop."""
    return b"".join(make(delta) for delta in deltas) + bytes(make({}, "stop")) + DONE


THOUGHT = {"reasoning": "Let me see.\n17 × 3 = 51.", "text": "It is **51**.", "finish_reason": "stop", "complete": True}
THINK = "<think>\nLet me see.\n17 × 3 = 51.\n</think>\n\nIt is **51**."
DETAIL = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0}
REASONING = (
    Case(
        "reasoning-content-deepseek",
        6,
        deepseek({"role": "assistant", "content": None, "reasoning_content": ""})
        + b"".join(deepseek({"content": None, "reasoning_content": t}) for t in ("Let me see.", "\n17 × 3", " = 51."))
        + b"".join(deepseek({"content": t, "reasoning_content": None}) for t in ("It is ", "**51**."))
        + deepseek({"content": "", "reasoning_content": None}, "stop", usage(9, 30, 0, 22))
        + DONE,
        {**THOUGHT, "usage": counts(9, 30, 0, 22)},
    ),
    Case(
        "reasoning-and-details-openrouter-counted-once",
        6,
        b"".join(
            openrouter({"role": "assistant", "content": "", "reasoning": t, "reasoning_details": [{**DETAIL, "text": t}]})
            for t in ("Let me see.", "\n17 × 3 = 51.")
        )
        + openrouter({"role": "assistant", "content": "", "reasoning_details": [{**DETAIL, "text": None, "signature": "EqoB"}]})
        + openrouter({"role": "assistant", "content": "It is **51**."})
        + openrouter({"role": "assistant", "content": ""}, "stop")
        + DONE,
        THOUGHT,
    ),
    Case("both-names-in-one-delta-counted-once", 6, thought(
        {"role": "assistant", "content": "", "reasoning": "Let me see.\n17 × 3 = 51.", "reasoning_content": "Let me see.\n17 × 3 = 51."},
        {"content": "It is **51**."}), THOUGHT),
    Case("details-only", 6, thought(
        {"reasoning_details": [{**DETAIL, "text": "Let me see.\n"}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "17 × 3 = 51.", "index": 1}, {"type": "reasoning.encrypted", "data": "gAAA", "index": 2}]},
        {"content": "It is **51**."}, make=openrouter), THOUGHT),
    Case("think-tags-split-over-chunks", 6, thought(*({"content": c} for c in THINK)), THOUGHT),
    Case("think-tags-in-one-chunk", 6, thought({"content": THINK}), THOUGHT),
    Case("only-a-closing-think-tag", 6, thought(
        {"content": "Let me see.\n17 × 3"}, {"content": " = 51.\n</thi"}, {"content": "nk>\n\nIt is **51**."}), THOUGHT),
    Case("think-tag-never-closed", 6, START + openai({"content": "<think>\nLet me see."}) + DONE,
         {"reasoning": "Let me see.", "text": "", "finish_reason": None, "complete": False}),
    Case("thinking-to-content-then-a-tag-quoted-in-the-answer", 6, thought(
        {"content": "<think>\n"}, {"content": "Let me see."}, {"content": "\n</think>\n"}, {"content": "The tag `<think>` opens it."}),
        {"reasoning": "Let me see.", "text": "The tag `<think>` opens it.", "complete": True}),
    Case("a-less-than-sign-is-no-tag", 6, thought({"content": "1 <"}, {"content": " 2 and <th"}, {"content": "ead>"}),
         {"reasoning": "", "text": "1 < 2 and <thead>", "complete": True}),
    Case("claude-signature-is-one-newline", 6, thought(
        {"content": "", "role": "assistant"}, {"reasoning_content": "Let me see.\n17 × 3 = 51."}, {"reasoning_content": "\n"},
        {"content": "It is **51**."}, make=claude), THOUGHT),
    Case("magistral-thinking-parts", 6, thought(
        {"role": "assistant", "content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Let me see.\n17 × 3 = 51."}]}]},
        {"content": [{"type": "text", "text": "It is "}]}, {"content": "**51**."}), THOUGHT),
    Case("thinking-used-up-the-tokens", 6,
         gemini({"role": "assistant"}) + gemini({"content": ""}, "length") + gateway_usage(usage(9, 256, 0, 256)) + DONE,
         {"text": "", "finish_reason": "length", "complete": True, "usage": counts(9, 256, 0, 256)}),
)  # fmt: skip

THREE = [("Red", "Crimson"), ("Gr", "een"), ("Bl", "ue")]
CHOICES = (
    Case(
        "three-interleaved",
        8,
        b"".join(openai({"role": "assistant", "content": ""}, None, n) for n in range(3))
        + b"".join(openai({"content": THREE[n][part]}, None, n) for part in (0, 1) for n in (2, 0, 1))
        + b"".join(openai({}, "stop", n) for n in (1, 0, 2))
        + COUNTED
        + DONE,
        {
            "texts": {0: "RedCrimson", 1: "Green", 2: "Blue"},
            "finish_reasons": {0: "stop", 1: "stop", 2: "stop"},
            "complete": True,
        },
    ),
    Case(
        "one-ends-early-one-is-cut",
        8,
        openai({"content": "Red"})
        + openai({"content": "Green"}, "stop", 1)
        + openai({"content": " one"})
        + openai({"content": "Bl"}, None, 2)
        + openai({}, "length")
        + DONE,
        {
            "texts": {0: "Red one", 1: "Green", 2: "Bl"},
            "finish_reasons": {0: "length", 1: "stop", 2: None},
            "complete": False,
        },
    ),
)

CONTENTS = (
    Case("null-and-empty", 9, thought(
        {"role": "assistant", "content": None}, {"role": None, "content": ""}, {"role": "", "content": "Hi"}, {"content": None},
        {"role": "assistant", "content": " you"}), {"text": "Hi you", "complete": True}),
    Case("array-of-parts", 9, thought({"content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": " you"}]}, {"content": []}),
         {"text": "Hi you", "complete": True}),
    Case("delta-null-or-missing", 9,
         data({**head("a", "m"), "choices": [{"index": 0, "delta": None, "finish_reason": None}]})
         + data({**head("a", "m"), "choices": [{"index": 0, "finish_reason": None}]}) + openai({"content": "Hi"}) + STOP + DONE,
         {"text": "Hi", "complete": True}),
)  # fmt: skip

RESTART = (
    openai({"role": "assistant", "content": "The first half"})
    + data(
        {
            **head("chatcmpl-SECOND", "gpt-4o"),
            "choices": [{"index": 0, "delta": {"role": "assistant", "content": "A second"}}],
        }
    )
    + data(
        {
            **head("chatcmpl-SECOND", "gpt-4o"),
            "choices": [{"index": 0, "delta": {"content": " answer"}, "finish_reason": "stop"}],
        }
    )
    + DONE
)
RESTARTS = (
    Case("new-id-in-mid-stream", 13, RESTART, {"restarted": True, "finish_reason": "stop", "id": "chatcmpl-SECOND"}),
)

FINISHES: dict[str, tuple[str | None, bool]] = {
    **dict.fromkeys(("stop", "end_turn", "stop_sequence", "eos", "STOP", "completed"), ("stop", True)),
    **dict.fromkeys(("length", "max_tokens", "MAX_TOKENS", "model_length"), ("length", True)),
    **dict.fromkeys(("content_filter", "sensitive", "SAFETY", "refusal", "RECITATION"), ("content_filter", True)),
    **dict.fromkeys(("network_error", "error", "insufficient_system_resource"), ("interrupted", False)),
    "pause_turn": ("pause", False),
    "": (None, False),
    "null": (None, False),
}
"""Finish reason as it comes → as it is meant, and whether the answer counts as whole. Those of tool calls: row 7."""

FINISH = tuple(
    Case(
        f"finish-{raw or 'empty'}",
        20,
        START + SAID + openai({}, raw) + DONE,
        {"text": HELLO, "finish_reason": meant, "complete": complete},
    )
    for raw, (meant, complete) in FINISHES.items()
)

CASES: tuple[Case, ...] = (*PLAIN, *FRAMES, *USAGES, *ENDS, *REASONING, *CHOICES, *CONTENTS, *RESTARTS, *FINISH)
LOST: Answer = sse(START, SAID, Cut())
"""Half an answer, then the connection closes."""
