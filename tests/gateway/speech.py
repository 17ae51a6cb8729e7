"""What audio models say, and what a model does with a prediction: answers of the friendly model to such requests."""

from __future__ import annotations

import base64
import math
import re
import struct
from typing import Any

from tests.gateway.answers import DONE, Answer, Pause, Step, data, json_answer, sse

RATE_HZ = 24_000
WORDS = "This is a short tone, spoken by nobody."


def tone(seconds: float = 0.4, pitch_hz: float = 440.0) -> bytes:
    """Raw 16-bit samples of a quiet tone."""
    count = int(seconds * RATE_HZ)
    return struct.pack(
        f"<{count}h", *(int(4000 * math.sin(2 * math.pi * pitch_hz * n / RATE_HZ)) for n in range(count))
    )


def usage(**completion: int) -> dict[str, Any]:
    """A usage with every detail there is."""
    said = sum(completion.values()) + 12
    return {
        "prompt_tokens": 140,
        "completion_tokens": said,
        "total_tokens": 140 + said,
        "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 20, "text_tokens": 100, "image_tokens": 20},
        "completion_tokens_details": completion,
    }


def spoken(asked: dict[str, Any], words: str) -> Answer | None:
    """A spoken answer to the word "speak"; raw samples while streaming, whatever format was asked for."""
    if not re.search(r"\bspeak\b", words):
        return None
    about = {"id": "chatcmpl-spoken", "created": 1787465742, "model": asked["model"]}
    counted = usage(audio_tokens=30, text_tokens=12, reasoning_tokens=0)
    coded = [base64.b64encode(piece).decode() for piece in (tone()[:9600], tone()[9600:])]
    if not asked.get("stream"):
        sound = {
            "id": "audio_1",
            "data": base64.b64encode(tone()).decode(),
            "transcript": WORDS,
            "expires_at": 1787469342,
        }
        message = {"role": "assistant", "content": None, "refusal": None, "audio": sound}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return json_answer({**about, "object": "chat.completion", "choices": [choice], "usage": counted})

    def event(audio: dict[str, Any] | None, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": {"audio": audio} if audio else {}, "finish_reason": finish}
        return data({**about, "object": "chat.completion.chunk", "choices": [choice]})

    steps: list[Step] = [event({"id": "audio_1", "transcript": ""})]
    for word in WORDS.split(" "):
        steps += [event({"id": "audio_1", "transcript": word + " "}), Pause(0.02)]
    steps += [event({"id": "audio_1", "data": piece}) for piece in coded]
    steps += [event({"id": "audio_1", "expires_at": 1787469342}), event(None, "stop")]
    return sse(*steps, data({**about, "choices": [], "usage": counted}), DONE)


def predicted(asked: dict[str, Any], words: str) -> Answer | None:
    """The prediction with its second line changed, in a fence, to the word "predict" where there is a prediction."""
    prediction = asked.get("prediction") if re.search(r"\bpredict\b", words) else None
    if not isinstance(prediction, dict) or not isinstance(prediction.get("content"), str):
        return None
    lines = prediction["content"].split("\n")
    lines[1:2] = ["    changed: bool", "    added: int"]
    text = "```python\n" + "\n".join(lines).rstrip("\n") + "\n```"
    about = {
        "id": "chatcmpl-predicted",
        "object": "chat.completion.chunk",
        "created": 1787465742,
        "model": asked["model"],
    }
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    counted = usage(accepted_prediction_tokens=18, rejected_prediction_tokens=7)
    whole = {**about, "object": "chat.completion", "usage": counted}
    if not asked.get("stream"):
        message = {"role": "assistant", "content": text, "refusal": None}
        return json_answer({**whole, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    return sse(data({**about, "choices": [choice]}), data({**about, "choices": [], "usage": counted}), DONE)
