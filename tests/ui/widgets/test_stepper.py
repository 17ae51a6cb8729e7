"""A stepper: one of a few values, by arrows, letters and clicks."""

from __future__ import annotations

from tests.ui.bare_stage import screen_text, staged
from tests.waiting import eventually
from tui_chat.ui.widgets.stepper import Stepper

SIZES = [("s", "small"), ("m", "medium"), ("l", "large")]


def values(app) -> list[str | None]:
    return [message.value for message in app.told(Stepper.Changed)]


async def test_arrows_and_space_step_round():
    stepper = Stepper(SIZES, "s")
    async with staged(stepper) as (app, pilot):
        stepper.focus()
        await pilot.press("right", "space", "up", "left", "down")
        await eventually(lambda: values(app) == ["m", "l", "s", "l", "m"])
        assert "‹ medium ›" in screen_text(app)


async def test_delete_unsets_only_what_may_be_unset():
    stepper = Stepper(SIZES, "s", unset="– none")
    async with staged(stepper) as (app, pilot):
        stepper.focus()
        await pilot.press("delete")
        await eventually(lambda: values(app) == [None])
        assert "‹ – none ›" in screen_text(app)
    always = Stepper(SIZES, "s")
    async with staged(always) as (app, pilot):
        always.focus()
        await pilot.press("backspace", "m")
        await eventually(lambda: values(app) == ["m"])


async def test_the_first_step_from_none_leads_to_the_start():
    stepper = Stepper(SIZES, None, unset="–", start="m")
    async with staged(stepper) as (app, pilot):
        stepper.focus()
        await pilot.press("left")
        await eventually(lambda: values(app) == ["m"])


async def test_a_letter_leads_to_the_next_value_that_begins_with_it():
    stepper = Stepper([("a1", "apple"), ("b", "pear"), ("a2", "apricot")], "a1")
    async with staged(stepper) as (app, pilot):
        stepper.focus()
        await pilot.press("a", "a", "p", "z")
        await eventually(lambda: values(app) == ["a2", "a1", "b"])


async def test_clicks_step_and_the_left_arrow_steps_back():
    stepper = Stepper(SIZES, "m")
    async with staged(stepper) as (app, pilot):
        await pilot.click(Stepper, offset=(5, 0))
        await pilot.click(Stepper, offset=(0, 0))
        await eventually(lambda: values(app) == ["l", "m"])


async def test_spread_out_every_value_can_be_seen_and_clicked():
    stepper = Stepper([("en", "English"), ("zh", "中文")], "en", spread=True)
    async with staged(stepper) as (app, pilot):
        assert "English  中文" in screen_text(app)
        await pilot.click(Stepper, offset=(10, 0))
        await eventually(lambda: values(app) == ["zh"])
        await pilot.click(Stepper, offset=(40, 0))
        assert stepper.value == "zh"
