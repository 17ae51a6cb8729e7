"""The card that asks: what it shows, and that nothing but the person's own key on it allows anything."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.events import Key, Paste
from textual.message import Message
from textual.pilot import Pilot

from tests.ui.bare_stage import SIZES, screen_text, shows, staged
from tests.ui.tool_material import matter, tool
from tests.waiting import eventually
from tui_chat import words
from tui_chat.tools.approval import Decision
from tui_chat.tools.tool import Preview
from tui_chat.tools.visible import read_back
from tui_chat.ui.approval_text import body, code_lines
from tui_chat.ui.widgets.approval_card import ApprovalCard
from tui_chat.ui.widgets.deciding import QUIET_S
from tui_chat.words import t


class Typist:
    """Presses keys at moments it chooses: no test waits for a pause to pass."""

    def __init__(self, app: App[None], card: ApprovalCard, pilot: Pilot[None]) -> None:
        self.app, self.card, self.pilot = app, card, pilot
        self.at_s = card._quiet_from

    async def press(self, *keys: str, after_s: float = 0.02) -> None:
        for key in keys:
            self.at_s += after_s
            event = Key(key, key if len(key) == 1 else None)
            event.time = self.at_s
            self.app.post_message(event)
        await self.pilot.pause()


async def shown(card: ApprovalCard, app: App[None], pilot: Pilot[None], *args: object, room: int = 20) -> Typist:
    card.room_for(room)
    card.show(*args)  # type: ignore[arg-type]
    card.focus()
    await pilot.pause()
    await eventually(lambda: card.sheet.size.height > 0)
    await pilot.pause()
    return Typist(app, card, pilot)


def decisions(app: object) -> list[Decision]:
    return [event.decision for event in app.told(ApprovalCard.Decided)]  # type: ignore[attr-defined]


async def test_a_command_is_allowed_by_its_letter_and_by_nothing_else() -> None:
    card = ApprovalCard()
    async with staged(card) as (app, pilot):
        typist = await shown(card, app, pilot, matter(), 1, 3)
        assert shows(app, "git log --oneline -5") and shows(app, "/tmp/app") and shows(app, "bubblewrap")
        assert shows(app, "Let run_command run this?") and shows(app, "1/3") and shows(app, "called by gpt-4.1")
        await typist.press("enter", "space", "y", after_s=0.1)  # type-ahead: none counts
        assert decisions(app) == []
        await typist.press("y", after_s=QUIET_S + 0.01)
        assert decisions(app) == [Decision("once")]


async def test_enter_every_20_ms_while_cards_appear_allows_nothing() -> None:
    card = ApprovalCard()
    async with staged(card) as (app, pilot):
        for number in range(1, 6):
            typist = await shown(card, app, pilot, matter(f"echo {number}", call_id=str(number)), number, 5)
            for _ in range(40):
                await typist.press("enter", "y", "space", "a")
        assert decisions(app) == []


async def test_enter_does_what_is_marked_but_never_allows() -> None:
    card = ApprovalCard()
    async with staged(card) as (app, pilot):
        typist = await shown(card, app, pilot, matter(), 1, 1)
        await typist.press("right", after_s=1)
        for _ in range(2):  # over "allow once" and "allow exactly this"
            await typist.press("right", "enter", "space")
            assert shows(app, "Enter never allows")
        assert decisions(app) == []
        await typist.press("left", "left", "left", "enter")
        assert decisions(app) == [Decision("deny")]


async def test_5000_characters_cannot_be_allowed_before_the_end_was_seen() -> None:
    command = "echo " + "harmless words " * 333 + "&& rm -rf ~"
    assert len(command) > 5_000
    card = ApprovalCard()
    async with staged(card, (80, 24)) as (app, pilot):
        typist = await shown(card, app, pilot, matter(command), 1, 1, room=14)
        assert not shows(app, "rm -rf")
        await typist.press("y", after_s=1)
        await typist.press("a")
        assert decisions(app) == [] and shows(app, "Read to the end first")
        while not card.sheet.seen:
            before = card.sheet.scroll_offset.y
            await typist.press("space")
            assert card.sheet.seen or card.sheet.scroll_offset.y > before
        assert shows(app, "rm -rf ~") and decisions(app) == []
        await typist.press("y")
        assert decisions(app) == [Decision("once")]


async def test_always_is_there_only_where_it_is_on_offer() -> None:
    card = ApprovalCard()
    async with staged(card) as (app, pilot):
        typist = await shown(card, app, pilot, matter(allowance=None), 1, 1)
        assert not shows(app, t("approval.always"))
        await typist.press("a", after_s=1)
        assert decisions(app) == []
        typist = await shown(card, app, pilot, matter(call_id="2"), 1, 1)
        await typist.press("a", after_s=1)
        assert decisions(app) == [Decision("always")]


async def test_a_manual_tool_has_nothing_to_allow() -> None:
    card = ApprovalCard()
    async with staged(card) as (app, pilot):
        typist = await shown(card, app, pilot, matter(tool=tool("ask_me", "harmless", run=None)), 1, 1)
        await typist.press("y", "a", "e", after_s=1)
        assert decisions(app) == [] and app.told(ApprovalCard.MoreAsked) == []
        await typist.press("t")
        assert [event.what for event in app.told(ApprovalCard.MoreAsked)] == ["type"]


async def test_without_a_sandbox_it_says_so() -> None:
    card = ApprovalCard()
    async with staged(card) as (app, pilot):
        preview = Preview(argv=("ls",), folder="/tmp", runs_program=True, network=True)
        await shown(card, app, pilot, matter("ls", preview=preview), 1, 1)
        assert shows(app, "No sandbox here: this runs with your full rights.") and shows(app, "network: yes")


async def test_what_is_pasted_decides_nothing_and_disarms() -> None:
    card = ApprovalCard()
    async with staged(card) as (app, pilot):
        typist = await shown(card, app, pilot, matter(), 1, 1)
        await typist.press("down", after_s=1)
        paste = Paste("y\ny\n")
        paste.time = typist.at_s + 0.01
        card.post_message(paste)
        await typist.press("y", after_s=0.05)
        assert decisions(app) == []


async def test_what_was_edited_is_what_is_allowed() -> None:
    card = ApprovalCard()
    async with staged(card) as (app, pilot):
        edited = matter().rewritten({"command": "git status"}, Preview(argv=("git", "status"), runs_program=True))
        typist = await shown(card, app, pilot, edited, 1, 1)
        assert shows(app, "your arguments") and not shows(app, t("approval.always"))
        await typist.press("y", after_s=1)
        assert decisions(app) == [Decision("once", arguments={"command": "git status"})]


@pytest.mark.parametrize(
    "hiding", ["a\x1b[24D\x1b[Kb", "ls" + " " * 300 + "; rm x", "x\u202ey", "a\nb", "p\u200bq", "r\u0441m"]
)
def test_what_is_shown_reads_back_to_what_runs(hiding: str) -> None:
    lines = code_lines(hiding)
    assert read_back("\n".join(line.text for line in lines)) == hiding
    command = [line.text for line in body(matter(hiding))]
    assert command[0] == "command:" and read_back("\n".join(command[1 : 1 + len(lines)])) == hiding


def test_a_diff_and_a_program_are_coloured() -> None:
    diff = "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n keep\n-old\n+new\n"
    lines = body(matter(arguments={"path": "a.py", "text": "new"}, preview=Preview(diff=diff)))
    styles = {line.text: line.pieces[0][1] for line in lines if line.pieces}
    assert styles["-old"] == "removed" and styles["+new"] == "added" and styles["@@ -1,2 +1,2 @@"] == "hunk"
    assert "path:" in styles and "text:" in styles
    code = "import os\nprint('x')"
    made = body(matter(arguments={"code": code}, preview=Preview(code=code, language="python", runs_program=True)))
    assert {style for line in made for _, style in line.pieces} >= {"token.keyword", "token.string", "label"}


class Column(App[None]):
    """The card as it stands on the chat screen: over the composer, below the conversation."""

    def __init__(self) -> None:
        super().__init__()
        self.card = ApprovalCard()
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        with Vertical():
            yield self.card

    def on_approval_card_decided(self, event: ApprovalCard.Decided) -> None:
        self.heard.append(event)


@pytest.mark.parametrize(("language", "size"), SIZES)
async def test_the_keys_are_in_view_at_every_size(language: str, size: tuple[int, int]) -> None:
    words.speak(language)
    app = Column()
    async with app.run_test(size=size) as pilot:
        preview = Preview(argv=("x",), folder="/home/somebody/a/long/way/down/to/a/folder", runs_program=True)
        await shown(app.card, app, pilot, matter("echo " + "word " * 900, preview=preview), 1, 3, room=size[1] - 5)
        assert app.card.outer_size.height <= size[1] - 5
        for choice in ("deny", "reason", "once", "always", "edit", "type"):
            assert shows(app, t(f"{'approval.short' if size[1] < 20 else 'approval'}.{choice}")), choice
        assert shows(app, t("approval.no_sandbox"))
        assert "echo" in screen_text(app)
