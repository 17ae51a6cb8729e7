"""Parts, messages, usage."""

import pytest

from tui_chat.wire.messages import PARTS, Image, Message, Text, Usage


def test_the_words_of_a_message_are_those_of_its_text_parts():
    assert Message("user", (Text("a"), Image(url="u"), Text("b"))).text == "a\n\nb"


def test_every_part_is_stored_under_its_own_name():
    assert len(set(PARTS.values())) == len(PARTS)


def test_usage_of_the_document():
    usage = Usage.from_wire(
        {
            "prompt_tokens": 19,
            "completion_tokens": 10,
            "total_tokens": 29,
            "prompt_tokens_details": {"cached_tokens": 1, "audio_tokens": 2},
            "completion_tokens_details": {
                "reasoning_tokens": 3,
                "audio_tokens": 4,
                "accepted_prediction_tokens": 5,
                "rejected_prediction_tokens": 6,
            },
        }
    )
    assert usage == Usage(19, 10, 29, 1, 3, 2, 4, 5, 6)
    assert len(usage.known()) == 9


@pytest.mark.parametrize(
    ("wire", "known"),
    [
        ({}, {}),
        ({"prompt_tokens": None, "completion_tokens": "7", "total_tokens": True}, {}),
        ({"prompt_tokens": 3.0, "completion_tokens": 1.5}, {"prompt_tokens": 3}),
        ({"prompt_tokens": float("nan"), "completion_tokens": float("inf")}, {}),
        ({"input_tokens": 1, "output_tokens": 2}, {"prompt_tokens": 1, "completion_tokens": 2}),
        ({"prompt_cache_hit_tokens": 4}, {"cached_tokens": 4}),
        ({"cached_tokens": 4}, {"cached_tokens": 4}),
        ({"input_tokens_details": {"cached_tokens": 0}, "cached_tokens": 4}, {"cached_tokens": 0}),
        ({"prompt_tokens_details": None, "completion_tokens_details": [1]}, {}),
    ],
)
def test_usage_in_other_forms(wire, known):
    assert Usage.from_wire(wire).known() == known
