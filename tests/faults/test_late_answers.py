"""Row 107: a dialog that is answered when nobody waits any more does not end the program. Found by the soak."""

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
