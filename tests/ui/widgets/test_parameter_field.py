"""Stepping through numbers, and what a field says it takes."""

from __future__ import annotations

import pytest

from tui_chat.ui.widgets.parameter_field import allowed, stepped
from tui_chat.wire.params import BY_NAME, Choice, Flag, Integer, Number, Param


@pytest.mark.parametrize(
    ("param", "typed", "up", "down"),
    [
        (Param("t", Number(0, 2, step=0.1), "g", default="1"), "", "1", "1"),
        (Param("t", Number(0, 2, step=0.1), "g", default="1"), "0.7", "0.8", "0.6"),
        (Param("t", Number(0, 2, step=0.1), "g"), "2", "2", "1.9"),
        (Param("t", Number(-2, 2, step=0.1), "g"), "-2", "-1.9", "-2"),
        (Param("t", Number(0, 1, step=0.05), "g"), "0.95", "1", "0.9"),
        (Param("t", Number(0, 1, step=0.05), "g"), "nonsense", "0", "0"),
        (Param("t", Number(0, 1, step=0.05), "g"), "nan", "0", "0"),
        (Param("n", Integer(1, step=256), "g"), "", "256", "256"),
        (Param("n", Integer(1, step=256), "g"), "1", "256", "1"),
        (Param("n", Integer(1, step=256), "g"), "300", "512", "256"),
        (Param("n", Integer(1, step=256), "g"), "512", "768", "256"),
        (Param("n", Integer(0, 20), "g"), "20", "20", "19"),
        (Param("n", Integer(0, 20), "g"), "x", "0", "0"),
    ],
)
def test_a_step_leads_to_the_next_number_within_the_range(param, typed, up, down):
    assert stepped(param, typed, 1) == up
    assert stepped(param, typed, -1) == down


def test_every_step_can_be_used():
    for param in BY_NAME.values():
        if isinstance(param.kind, Number | Integer):
            typed = ""
            for direction in (1, 1, 1, -1, -1, -1, -1):
                typed = stepped(param, typed, direction)
                param.kind.parse(param.name, typed)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (Number(0, 2), "0 – 2"),
        (Integer(1), "1 – ∞"),
        (Integer(0, 20), "0 – 20"),
        (Choice(("a", "b")), "a · b"),
        (Flag(), "on · off"),
    ],
)
def test_what_it_takes_is_said(kind, says):
    assert allowed(Param("x", kind, "g")) == says
