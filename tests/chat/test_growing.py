from __future__ import annotations

from collections.abc import Iterator
from threading import Event as Flag

import pytest

from tests.chat.stage import MemoryJournal, Stage
from tests.waiting import eventually_in_thread
from tui_chat.chat.growing import KEEP_EVERY_BYTES
from tui_chat.wire.delta import Delta

END = Delta(text="end", finish_reason="stop")


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.engine.close()


def journal_of(stage: Stage) -> MemoryJournal:
    return eventually_in_thread(lambda: stage.shelf.journals.get("chat"))


def test_a_few_kilobytes_are_kept_at_once_and_less_within_a_second(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_chat.chat.growing.KEEP_EVERY_S", 3600.0)
    stage.begin()
    go, words = [Flag(), Flag()], "多" * (KEEP_EVERY_BYTES // 3 + 1)
    stage.scripts = [[Delta(text=words), go[0], Delta(text="more"), go[1], END]]
    stage.say("hi")
    journal = journal_of(stage)
    eventually_in_thread(lambda: [node.text for node in journal.partials] == [words])
    monkeypatch.setattr("tui_chat.chat.growing.KEEP_EVERY_S", 0.01)
    go[0].set()
    eventually_in_thread(lambda: journal.partials[-1].text == f"{words}more")
    go[1].set()
    stage.wait_for_end()


def test_a_disk_that_takes_its_time_does_not_keep_what_comes_from_being_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.begin()
    go, disk, pieces = Flag(), Flag(), [f"{number}" * KEEP_EVERY_BYTES for number in range(3)]
    gates = [Flag() for _ in pieces]
    steps = zip((Delta(text=piece) for piece in pieces), gates, strict=True)
    stage.scripts = [[*(step for pair in steps for step in pair), go, END]]
    secured: list[int] = []

    def secure(journal: MemoryJournal) -> None:
        secured.append(len(journal.partials))
        disk.wait(30)

    monkeypatch.setattr(MemoryJournal, "secure", secure)
    try:
        stage.say("hi")
        journal = journal_of(stage)
        for number, gate in enumerate(gates, 1):
            eventually_in_thread(lambda n=number: journal.partials and journal.partials[-1].text == "".join(pieces[:n]))
            eventually_in_thread(lambda: secured)
            gate.set()
        assert len(secured) == 1  # one at a time, and it still waits
    finally:
        disk.set()
        go.set()
    stage.wait_for_end()
    eventually_in_thread(lambda: journal.settled == 1)
