"""Row 107: a dialog answered when nobody waits any more, or twice, does not end the program. Found by the soak."""

from tests.ui.whole_app import on_stage
from tests.waiting import eventually
from tui_chat.ui.screens.dialogs import Confirm


async def test_row_107_an_answer_nobody_waits_for_is_let_go(gateway):
    async with on_stage(gateway) as stage:

        async def ask() -> None:
            await stage.app.push_screen_wait(Confirm("Really?"))

        asking = stage.chat.run_worker(ask, exit_on_error=False)
        await eventually(lambda: isinstance(stage.app.screen, Confirm))
        await stage.pilot.pause()
        asking.cancel()
        await eventually(lambda: asking.is_finished)
        await stage.press("y")
        await stage.pilot.pause()
        assert stage.app.crash is None and stage.app.is_running
        await stage.say("still here")


async def test_row_107_a_dialog_that_is_answered_twice_closes_itself_alone(gateway):
    async with on_stage(gateway) as stage:
        dialog = Confirm("Really?")
        await stage.app.push_screen(dialog)
        dialog.dismiss(True)
        dialog.dismiss(True)
        await stage.pilot.pause()
        assert stage.app.screen is stage.chat
        below, above = Confirm("Below"), Confirm("Above")
        await stage.app.push_screen(below)
        await stage.app.push_screen(above)
        below.dismiss(True)
        await stage.pilot.pause()
        assert stage.app.screen is stage.chat
        await stage.say("still here")
