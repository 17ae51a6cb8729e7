from pathlib import Path

import pytest

from bench.clients import BARE, OURS, STREAM
from bench.figures import Results
from bench.goals import GOALS, judge
from bench.report import markdown, spoken, startup_chart, stream_chart, write


@pytest.fixture
def results(tmp_path: Path) -> Results:
    kept = Results(tmp_path / "kept.json")
    kept.put("startup", OURS, "0.1", {"cpu_s": 0.4})
    kept.put("startup", BARE, "8.2", {"cpu_s": 0.36})
    kept.put("quiet keys", BARE, "8.2", {"p50_ms": 12})
    kept.put("stream 20", OURS, "0.1", {"cpu_s": 0.5, "after_cpu_s": 0.2, "tty_kb": 30})
    kept.put("stream 20", STREAM, "8.2", {"cpu_s": 7.0, "after_cpu_s": 0.0, "tty_kb": 400})
    kept.put("stream 20", "elia", "1.10.0", {"cpu_s": 66.0}, "given up after 75 s")
    kept.put("everyday", OURS, "0.1", {"cpu_s": 3, "p50_ms": 20, "p95_ms": 90})
    return kept


def goal(results: Results, work: str) -> tuple[float, float | None, bool | None]:
    found = next(verdict for verdict in judge(results) if verdict.goal.work == work)
    return found.most, found.reached, found.met


def test_a_goal_in_seconds_is_a_ratio_to_the_bare_start(results: Results) -> None:
    assert goal(results, "stream 20 kB") == (pytest.approx(0.35 / 0.18), pytest.approx(0.7 / 0.36), True)
    assert goal(results, "start to a usable prompt") == (1.15, pytest.approx(0.4 / 0.36), True)


def test_a_goal_in_milliseconds_is_a_ratio_to_the_bare_echo(results: Results) -> None:
    assert goal(results, "its key echo, p50") == (2.0, pytest.approx(20 / 12), True)
    assert goal(results, "its key echo, p95") == (pytest.approx(25 / 6), pytest.approx(90 / 12), False)


def test_a_goal_whose_figures_are_missing_is_neither_met_nor_missed(results: Results) -> None:
    assert goal(results, "400 kB against 200 kB") == (2.2, None, None)
    assert goal(results, "key press among 10 000")[1:] == (None, None)


def test_every_goal_has_its_row_in_the_report(results: Results) -> None:
    report = markdown(results)
    assert all(f"| {each.work} |" in report for each in GOALS)


def test_the_report_tells_ratios_what_came_after_and_what_was_given_up(results: Results) -> None:
    report = markdown(results)
    assert "| stream 20 kB, CPU-s | **0.50 + 0.20** | 7.00 (10 ×) | – | > 66 |" in report
    assert "- elia, stream 20: given up after 75 s" in report


def test_what_was_measured_is_there_after_a_restart(results: Results, tmp_path: Path) -> None:
    again = Results(tmp_path / "kept.json")
    assert again.get("stream 20", OURS, "cpu_s") == 0.5
    assert again.get("stream 20", "elia", "cpu_s") is None
    assert again.has("stream 20", OURS, "0.1") and not again.has("stream 20", OURS, "0.2")
    assert again.rows("stream", OURS) == {20: "stream 20"}


def test_all_files_are_written_and_name_no_path(results: Results, tmp_path: Path) -> None:
    files = write(results, tmp_path)
    assert {file.name for file in files} == {"RESULTS.md", "stream.svg", "startup.svg", "results.json"}
    for file in files:
        assert str(Path.home()) not in file.read_text("utf-8")
    assert STREAM in startup_chart(results) or OURS in startup_chart(results)
    assert "elia" not in stream_chart(results)


def test_figures_have_the_digits_they_deserve() -> None:
    assert [spoken(value) for value in (0, 0.0312, 0.5, 9.9, 41.2, 1023)] == [
        "0.00",
        "0.031",
        "0.50",
        "9.90",
        "41",
        "1023",
    ]
