"""The bar of an answer's tokens: every share is there, in its place, and all of them fill it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_chat.ui.usage_bar import Share, bar, bar_cells, legend, shares
from tui_chat.wire.messages import Usage

counts = st.none() | st.integers(0, 10_000)
WIRE = {
    "prompt_tokens": 140,
    "completion_tokens": 60,
    "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 20, "cached_creation_tokens": 6, "image_tokens": 10},
    "completion_tokens_details": {
        "reasoning_tokens": 5,
        "audio_tokens": 10,
        "accepted_prediction_tokens": 18,
        "rejected_prediction_tokens": 7,
    },
}


def test_what_the_gateway_told_is_shared_out() -> None:
    assert shares(Usage.from_wire(WIRE)) == [
        Share("in_text", 40),
        Share("in_cached", 64),
        Share("in_written", 6),
        Share("in_audio", 20),
        Share("in_image", 10),
        Share("out_reasoning", 5),
        Share("out_audio", 10),
        Share("out_accepted", 18),
        Share("out_rejected", 7),
        Share("out_text", 20),
    ]
    shown = "\n".join(each.text for each in legend(Usage.from_wire(WIRE)))
    assert "in: from the cache" in shown and "predicted, not taken" in shown and "32 %" in shown


def test_cached_tokens_beside_the_prompt_make_nothing_less_than_nothing() -> None:
    found = shares(Usage(prompt_tokens=10, completion_tokens=2, cached_tokens=50))
    assert found == [Share("in_cached", 50), Share("out_text", 2)]


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=11), st.integers(0, 120))
def test_a_bar_is_as_wide_as_it_should_be_and_leaves_no_share_out(tokens: list[int], width: int) -> None:
    cells = bar_cells([Share("in_text", count) for count in tokens], width)
    assert sum(cells) == width or width < len(tokens)
    assert len(cells) == len(tokens) and sum(cells) <= max(width, 0)
    if width >= len(tokens):
        assert min(cells) >= 1


@given(counts, counts, counts, counts, counts)
def test_any_usage_can_be_drawn(
    given_: int | None, said: int | None, a: int | None, b: int | None, c: int | None
) -> None:
    usage = Usage(given_, said, cached_tokens=a, reasoning_tokens=b, prompt_text_tokens=c)
    assert len(bar(usage, 40).text) in (0, 40)
    assert len(legend(usage)) == len(shares(usage))
