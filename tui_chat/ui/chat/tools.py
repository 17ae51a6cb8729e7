"""What may the model do? The tools that are on, the folders they reach, what runs without asking."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tui_chat.disk import expanded, is_folder
from tui_chat.errors import ToolError
from tui_chat.tools.approval import Allowance
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.sides import Sides
from tui_chat.ui.tool_rows import Offer
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.tools.box import Box
    from tui_chat.tools.mcp_state import ServerState
    from tui_chat.ui.widgets.tools_panel import ToolsPanel


class Tools(Part):
    """The tools panel."""

    def __init__(self, room: Room, sides: Sides) -> None:
        self.room = room
        self._sides = sides
        self.answers = {
            "ToolsPanel.Switched": self._switched,
            "ToolsPanel.SheetAsked": lambda event: room.start(self._show_sheet, event.name),
            "ToolsPanel.ValueChanged": self._value_changed,
            "ToolsPanel.FolderAsked": lambda _: room.start(self._grant),
            "ToolsPanel.FolderRemoved": self._folder_removed,
            "ToolsPanel.Revoked": self._revoke,
        }
        self._box: Box | None = None
        """The tools there are, once somebody asked."""
        self._allowances: tuple[Allowance, ...] = ()

    # which tools there are

    async def box(self, *, anew: bool = False) -> Box:
        """The tools that can be switched on; looked for on a thread the first time, or `anew`."""
        if self._box is None or anew:
            self._box = await self.room.in_thread(self.room.house.toolbox)
        return self._box

    def look_anew(self) -> None:
        """There are other tools now; that matters if anybody asked for them yet."""
        if self._box is not None:
            self.room.latest("toolbox", self._find, anew=True)

    # what the panel shows

    def follow(self) -> None:
        """Show what is in force for the chat on screen."""
        panel = self._sides.panel
        if panel is None or self.room.talk is None:
            return
        if self._box is None:
            self.room.latest("toolbox", self._find)
        panel.tools.show(self._offer())
        self.room.latest("allowances", self._look_at_allowances)

    async def _find(self, *, anew: bool = False) -> None:
        await self.box(anew=anew)
        self.room.follow()

    def _offer(self) -> Offer:
        box, terms = self._box, self.room.terms
        parallel = terms.values.get("parallel_tool_calls")
        choice = terms.values.get("tool_choice")
        return Offer(
            tuple(box.tools.values()) if box is not None else (),
            terms.tools,
            choice if isinstance(choice, str) else None,
            parallel if isinstance(parallel, bool) else None,
            tuple(self.room.house.settings.tool_folders),
            self._allowances,
            tuple(box.problems) if box is not None else (),
            ready=box is not None,
            servers=self._server_states(),
        )

    def _server_states(self) -> tuple[ServerState, ...]:
        """How the person's MCP servers stand, once they were opened."""
        servers = self.room.house.servers
        if servers is None:
            return ()
        states = []
        for name in servers.names:
            with suppress(ToolError):  # gone from the settings
                states.append(servers.state(name))
        return tuple(states)

    # what is chosen in it

    def _switched(self, event: ToolsPanel.Switched) -> None:
        """A tool is wanted on or off; one from elsewhere is shown whole before it is on."""
        tool = self._box.tools.get(event.name) if self._box is not None else None
        if event.on and tool is not None and tool.source:
            self.room.start(self._show_sheet, event.name)
        else:
            self._switch(event.name, event.on)

    async def _show_sheet(self, name: str) -> None:
        from tui_chat.ui.screens.tool_sheet import ToolSheet

        tool = (await self.box()).tools.get(name)
        if tool is not None:
            wanted = await self.room.ask(ToolSheet(tool, name in self.room.terms.tools))
            if wanted is not None:
                self._switch(name, wanted)

    def _switch(self, name: str, on: bool) -> None:
        others = tuple(other for other in self.room.terms.tools if other != name)
        self._set(tools=(*others, name) if on else others)

    def _value_changed(self, event: ToolsPanel.ValueChanged) -> None:
        """Tools are called otherwise from now on."""
        values = dict(self.room.terms.values)
        if event.value is None:
            values.pop(event.name, None)
        else:
            values[event.name] = event.value
        self._set(values=values)

    def _set(self, **fields: object) -> None:
        self.room.terms.set(**fields)
        self.room.follow()

    # what they may reach, and what runs without asking

    async def _grant(self) -> None:
        from tui_chat.ui.screens.dialogs import AskText

        typed = await self.room.ask(AskText(t("toolbox.folder_title"), str(Path.cwd())))
        if not typed or not typed.strip():
            return
        folder = await self.room.in_thread(lambda: expanded(typed.strip()).resolve())
        if not await self.room.in_thread(is_folder, folder):
            self.room.tell(t("toolbox.folder_missing", folder=str(folder)), "warning")
        elif await self.room.in_thread(lambda: Path.home().resolve().is_relative_to(folder)):
            self.room.tell(t("toolbox.folder_home"), "warning")
        elif str(folder) not in self.room.house.settings.tool_folders:
            await self._keep_folders((*self.room.house.settings.tool_folders, str(folder)))

    async def _folder_removed(self, event: ToolsPanel.FolderRemoved) -> None:
        await self._keep_folders(
            tuple(folder for folder in self.room.house.settings.tool_folders if folder != event.folder)
        )

    async def _keep_folders(self, folders: tuple[str, ...]) -> None:
        await self.room.in_thread(self.room.house.change_setting, "tool_folders", list(folders))
        self.room.follow()

    async def _revoke(self, event: ToolsPanel.Revoked) -> None:
        """Ask again from now on."""
        await self.room.engine(self.room.house.desk.revoke, self.room.chat, event.allowance)
        await self._look_at_allowances()

    async def _look_at_allowances(self) -> None:
        """Learn what is allowed in the chat on screen."""

        async def look(chat: str) -> tuple[Allowance, ...]:
            return self.room.house.desk.allowances(chat)

        chat = self.room.chat
        given = await self.room.engine_now(look, chat)  # to look is no reason to hurry what is being set
        if chat == self.room.chat and given != self._allowances:
            self._allowances = given
            self.room.follow()

    def chat_opened(self) -> None:
        """Another chat is on screen, with allowances of its own."""
        self._allowances = ()
