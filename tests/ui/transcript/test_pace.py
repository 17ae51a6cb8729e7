from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.ui.transcript import pace
from tui_chat.ui.transcript.pace import Inbox

deltas = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["prose", "thought"]), st.text(max_size=60)))


@given(deltas, st.integers(1, 50))
def test_frames_are_bounded_and_lose_nothing(said: list[tuple[str, str, str]], bite: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pace, "BITE", bite)
        inbox = Inbox()
        for delta in said:
            inbox.add(*delta)  # type: ignore[arg-type]
        taken = []
        while inbox:
            inbox.begin_frame()
            frame = list(inbox.bites())
            assert frame
            assert sum(len(text) for _, _, text in frame) <= bite
            taken += frame
    for key in "ab":
        for voice in ("prose", "thought"):
            whole = "".join(text for k, v, text in said if (k, v) == (key, voice))
            assert "".join(text for k, v, text in taken if (k, v) == (key, voice)) == whole


def test_order_between_voices_is_kept() -> None:
    inbox = Inbox()
    for voice, text in (("thought", "a"), ("thought", "b"), ("prose", "c"), ("thought", "d")):
        inbox.add("k", voice, text)  # type: ignore[arg-type]
    assert inbox.waits("k") == 4
    inbox.begin_frame()
    assert list(inbox.bites()) == [("k", "thought", "ab"), ("k", "prose", "c"), ("k", "thought", "d")]
    assert inbox.waits("k") == 0


def test_what_waits_for_a_settled_entry_is_dropped() -> None:
    inbox = Inbox()
    inbox.add("old", "prose", "x" * (pace.BITE + 5))
    inbox.add("new", "prose", "y")
    inbox.begin_frame()
    assert sum(len(text) for _, _, text in inbox.bites()) > 0
    assert 0 < inbox.waits("old") < pace.BITE + 5
    inbox.drop("old")
    assert list(inbox.bites()) == [("new", "prose", "y")]
    assert not inbox


def test_a_slow_frame_makes_the_next_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 10.001, 20.0, 20.1])
    monkeypatch.setattr(pace, "perf_counter", lambda: next(clock))
    inbox = Inbox()
    inbox.begin_frame()
    inbox.end_frame()
    assert inbox.delay_s == pace.FRAME_S
    inbox.begin_frame()
    inbox.end_frame()
    assert inbox.delay_s == pytest.approx(0.3)


def test_a_frame_ends_when_its_time_is_up_but_never_without_a_mouthful(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(pace, "perf_counter", lambda: now)
    inbox = Inbox()
    inbox.add("k", "prose", "x" * 20 * pace.BITE)
    sizes = []
    for took_s in (1.0, pace.WRITING_S / 2.5, 0.0):
        inbox.begin_frame()
        sizes.append(0)
        for _, _, text in inbox.bites():
            sizes[-1] += len(text)
            now += took_s
    assert sizes == [pace.MOUTHFUL, 3 * pace.MOUTHFUL, pace.BITE]
    inbox.begin_frame()
    assert sum(len(text) for _, _, text in inbox.bites(hurry=True)) > 15 * pace.BITE, "only the time counts"
    assert not inbox
