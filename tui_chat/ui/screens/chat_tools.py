"""What may the model do? The tools that are on, the folders they reach, what runs without asking."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui_chat.tools.approval import Allowance
from tui_chat.ui.screens.chat_answers import Answers
from tui_chat.ui.tool_rows import Offer
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.tools.box import Box
    from tui_chat.tools.mcp_state import ServerState
    from tui_chat.ui.widgets.tools_panel import ToolsPanel


class ToolRoom(Answers):
    """The tools panel."""

    _box: Box | None = None
    """The tools there are, once somebody asked."""
    _allowances: tuple[Allowance, ...] = ()

    # which tools there are

    async def box(self, *, anew: bool = False) -> Box:
        """The tools that can be switched on; looked for on a thread the first time, or `anew`."""
        if self._box is None or anew:
            self._box = await self.in_thread(self.house.toolbox)
        return self._box

    def show_panels(self, note: str | None = None) -> None:
        """Show what is in force for the chat on screen."""
        super().show_panels(note)
        panel = self.side_panel
        if panel is None or self.talk is None:
            return
        if self._box is None:
            self.latest("toolbox", self._find_tools)
        panel.tools.show(self._offer())
        self.latest("allowances", self.look_at_allowances)

    async def _find_tools(self) -> None:
        await self.box()
        self.show_panels()

    def _offer(self) -> Offer:
        assert self.talk is not None
        head, waiting = self.talk.head, self._set.get(self.chat, {})
        values = waiting.get("values", head.values)
        box = self._box
        parallel = values.get("parallel_tool_calls")
        choice = values.get("tool_choice")
        return Offer(
            tuple(box.tools.values()) if box is not None else (),
            tuple(waiting.get("tools", head.tools)),
            choice if isinstance(choice, str) else None,
            parallel if isinstance(parallel, bool) else None,
            tuple(self.house.settings.tool_folders),
            self._allowances,
            tuple(box.problems) if box is not None else (),
            ready=box is not None,
            servers=self.server_states(),
        )

    def server_states(self) -> tuple[ServerState, ...]:
        """How the person's MCP servers stand."""
        return ()

    # what is chosen in the panel; its module is imported late, so it is found by name

    def on_tools_panel_switched(self, event: ToolsPanel.Switched) -> None:
        """A tool is wanted on or off; one from elsewhere is shown whole before it is on."""
        event.stop()
        tool = self._box.tools.get(event.name) if self._box is not None else None
        if event.on and tool is not None and tool.source:
            self.start(self._show_sheet, event.name)
        else:
            self._switch(event.name, event.on)

    def on_tools_panel_sheet_asked(self, event: ToolsPanel.SheetAsked) -> None:
        """Show all that is sent of a tool."""
        event.stop()
        self.start(self._show_sheet, event.name)

    async def _show_sheet(self, name: str) -> None:
        from tui_chat.ui.screens.tool_sheet import ToolSheet

        tool = (await self.box()).tools.get(name)
        if tool is not None:
            wanted = await self.app.push_screen_wait(ToolSheet(tool, name in self._offer().on))
            if wanted is not None:
                self._switch(name, wanted)

    def _switch(self, name: str, on: bool) -> None:
        others = tuple(other for other in self._offer().on if other != name)
        self._set_soon(tools=(*others, name) if on else others)
        self.show_panels()

    def on_tools_panel_value_changed(self, event: ToolsPanel.ValueChanged) -> None:
        """Tools are called otherwise from now on."""
        event.stop()
        assert self.talk is not None
        values = dict(self._set.get(self.chat, {}).get("values", self.talk.head.values))
        if event.value is None:
            values.pop(event.name, None)
        else:
            values[event.name] = event.value
        self._set_soon(values=values)
        self.show_panels()

    def on_tools_panel_folder_asked(self, event: ToolsPanel.FolderAsked) -> None:
        """Grant a folder."""
        event.stop()
        self.start(self._grant)

    async def _grant(self) -> None:
        from tui_chat.ui.screens.dialogs import AskText

        typed = await self.app.push_screen_wait(AskText(t("toolbox.folder_title"), str(Path.cwd())))
        if not typed or not typed.strip():
            return
        folder = await self.in_thread(lambda: Path(typed.strip()).expanduser().resolve())
        if not await self.in_thread(folder.is_dir):
            self.tell(t("toolbox.folder_missing", folder=str(folder)), "warning")
        elif await self.in_thread(lambda: Path.home().resolve().is_relative_to(folder)):
            self.tell(t("toolbox.folder_home"), "warning")
        elif str(folder) not in self.house.settings.tool_folders:
            await self._keep_folders((*self.house.settings.tool_folders, str(folder)))

    def on_tools_panel_folder_removed(self, event: ToolsPanel.FolderRemoved) -> None:
        """Take a folder back."""
        event.stop()
        left = tuple(folder for folder in self.house.settings.tool_folders if folder != event.folder)
        self.start(self._keep_folders, left)

    async def _keep_folders(self, folders: tuple[str, ...]) -> None:
        await self.in_thread(self.house.change_setting, "tool_folders", list(folders))
        self.show_panels()

    def on_tools_panel_revoked(self, event: ToolsPanel.Revoked) -> None:
        """Ask again from now on."""
        event.stop()
        self.start(self._revoke, event.allowance)

    async def _revoke(self, allowance: Allowance) -> None:
        await self.engine(self.house.desk.revoke, self.chat, allowance)
        await self.look_at_allowances()

    async def look_at_allowances(self) -> None:
        """Learn what is allowed in the chat on screen."""

        async def look(chat: str) -> tuple[Allowance, ...]:
            return self.house.desk.allowances(chat)

        chat = self.chat
        given = await self.engine(look, chat)
        if chat == self.chat and given != self._allowances:
            self._allowances = given
            self.show_panels()

    def chat_opened(self) -> None:
        """Another chat is on screen, with allowances of its own."""
        self._allowances = ()
        super().chat_opened()
