from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.charts import HEIGHT, LABEL_GAP, LEFT, RIGHT, WIDTH, Scale, bars_chart, lines_chart, spread

SVG = "{http://www.w3.org/2000/svg}"


def test_lines_are_well_formed_and_inside_the_page() -> None:
    drawn = lines_chart(
        "T & t", "x", "y", {"ours": [(10, 0.1), (400, 2.5)], "<peer>": [(10, 9), (100, 80)], "none": []}
    )
    page = ElementTree.fromstring(drawn)
    dots = [(float(dot.get("cx", 0)), float(dot.get("cy", 0))) for dot in page.iter(f"{SVG}circle")]
    assert len(dots) == 4
    assert all(LEFT <= x <= WIDTH - RIGHT and 0 < y < HEIGHT for x, y in dots)
    words = [node.text for node in page.iter(f"{SVG}text")]
    assert {"T & t", "ours", "<peer>", "10", "400"} <= set(words) and "none" not in words


def test_more_is_higher_and_longer_is_further_right() -> None:
    page = ElementTree.fromstring(lines_chart("t", "x", "y", {"ours": [(10, 1), (20, 5), (100, 70)]}))
    dots = [(float(dot.get("cx", 0)), float(dot.get("cy", 0))) for dot in page.iter(f"{SVG}circle")]
    assert all(left[0] < right[0] and left[1] > right[1] for left, right in pairwise(dots))


def test_bars_are_as_long_as_their_values() -> None:
    page = ElementTree.fromstring(bars_chart("t", "l", {"ours": 1.0, "other": 4.0}))
    bars = [float(bar.get("width", 0)) for bar in page.iter(f"{SVG}rect")][1:]
    assert bars[1] == pytest.approx(4 * bars[0], rel=0.01)


def test_charts_have_colours_for_dark_pages() -> None:
    assert "prefers-color-scheme: dark" in bars_chart("t", "l", {"ours": 1.0})


def test_a_scale_has_equal_steps_for_equal_ratios() -> None:
    scale = Scale(1, 100, 0, 200)
    assert [scale.at(value) for value in (0.5, 1, 10, 100, 1000)] == pytest.approx([0, 0, 100, 200, 200])


@given(st.lists(st.floats(70, HEIGHT - 62), max_size=8).map(sorted))
def test_labels_never_stand_on_each_other(wanted: list[float]) -> None:
    placed = spread(wanted)
    assert len(placed) == len(wanted)
    assert all(lower - upper >= LABEL_GAP - 1e-6 for upper, lower in pairwise(placed))
