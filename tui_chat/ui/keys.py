"""Which key does what, and where: the one table that bindings, footer, help, palette, keymap and docs read.

Each row's id names its label in `words/` (`key.<id>`), its row in the person's keymap (settings, `[keymap]`), and
the Textual binding id. A screen or widget asks for its rows with `bindings(where)` and writes `action_…` methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType
from textual.keys import format_key

from tui_chat.words import t


@dataclass(frozen=True, slots=True)
class Key:
    """One action a key can do."""

    where: str
    """Where it acts: "app" (everywhere), "chat" (the chat screen), "composer", "transcript", "chats", "dialog" …"""
    name: str
    """With `where` the id: "transcript.copy"."""
    keys: str
    """Textual key names, comma separated; the first is the one shown."""
    action: str
    """Textual action string, run by the widget or screen that holds the binding."""
    footer: bool = False
    """Whether the footer shows it when it applies."""
    priority: bool = False
    """Whether it acts before the focused widget sees the key."""

    @property
    def id(self) -> str:
        """The binding id, for example "transcript.copy"."""
        return f"{self.where}.{self.name}"

    @property
    def label(self) -> str:
        """What it does, in the active language."""
        return t(f"key.{self.id}")


KEYS: tuple[Key, ...] = (
    # anywhere
    Key("app", "commands", "ctrl+p", "command_palette", footer=True, priority=True),
    Key("app", "help", "f1", "help", footer=True, priority=True),
    Key("app", "quit", "ctrl+q,f10", "quit", priority=True),
    # the chat screen
    Key("chat", "new", "ctrl+n", "new_chat", priority=True),
    Key("chat", "attach", "ctrl+o", "attach", footer=True, priority=True),
    Key("chat", "model", "ctrl+l", "model", priority=True),
    Key("chat", "chats", "ctrl+b", "toggle_chats", priority=True),
    Key("chat", "panels", "ctrl+t", "toggle_panels", priority=True),
    Key("chat", "find", "ctrl+f", "find", priority=True),
    Key("chat", "regenerate", "ctrl+r", "regenerate_last", priority=True),
    Key("chat", "copy_answer", "ctrl+y", "copy_answer", priority=True),
    Key("chat", "temporary", "f4", "new_temporary", priority=True),
    Key("chat", "parameters", "f5", "parameters", priority=True),
    Key("chat", "tools", "f6", "tools", priority=True),
    Key("chat", "settings", "f2", "settings", priority=True),
    Key("chat", "search", "f3", "search_chats", priority=True),
    Key("chat", "rename", "f12", "rename_chat", priority=True),
    Key("chat", "unqueue", "alt+up", "unqueue", priority=True),
    Key("chat", "balance", "f9", "balance"),
    # the composer
    Key("composer", "send", "enter", "send", footer=True),
    Key("composer", "newline", "ctrl+j,shift+enter", "newline", footer=True),
    Key("composer", "stop", "escape", "stop_or_leave", footer=True),
    Key("composer", "history_back", "ctrl+up", "history(-1)"),
    Key("composer", "history_forward", "ctrl+down", "history(1)"),
    Key("composer", "editor", "ctrl+g", "editor"),
    Key("composer", "paste_image", "ctrl+v", "paste"),
    Key("composer", "drop_attachment", "ctrl+x", "drop_attachment"),
    Key("composer", "open_paste", "f7", "open_paste"),
    Key("composer", "picture", "f8", "picture_options"),
    # the transcript
    Key("transcript", "previous", "k,up", "cursor(-1)"),
    Key("transcript", "next", "j,down", "cursor(1)"),
    Key("transcript", "page_up", "pageup", "page(-1)"),
    Key("transcript", "page_down", "pagedown", "page(1)"),
    Key("transcript", "top", "home,g", "top"),
    Key("transcript", "end", "end,G", "end"),
    Key("transcript", "copy", "c", "ask('copy')", footer=True),
    Key("transcript", "copy_code", "y", "ask('copy_code')", footer=True),
    Key("transcript", "edit", "e", "ask('edit')", footer=True),
    Key("transcript", "regenerate", "r", "ask('regenerate')", footer=True),
    Key("transcript", "continue", "n", "ask('continue')"),
    Key("transcript", "branch", "b", "ask('branch')", footer=True),
    Key("transcript", "older_sibling", "less_than_sign,left,h", "ask('previous_sibling')"),
    Key("transcript", "newer_sibling", "greater_than_sign,right,l", "ask('next_sibling')"),
    Key("transcript", "delete", "d,delete", "ask('delete')", footer=True),
    Key("transcript", "delete_branch", "D", "ask('delete_branch')"),
    Key("transcript", "undo", "u", "ask('undo')"),
    Key("transcript", "fold", "space", "fold"),
    Key("transcript", "details", "i", "ask('details')", footer=True),
    Key("transcript", "open", "o", "ask('open')"),
    Key("transcript", "find_previous", "N", "ask('find_previous')"),
    Key("transcript", "leave", "escape,enter", "leave"),
    # the find bar
    Key("find", "next", "enter,down", "step(1)", footer=True, priority=True),
    Key("find", "previous", "up,shift+enter", "step(-1)", footer=True, priority=True),
    Key("find", "close", "escape", "close", footer=True),
    # the list of chats
    Key("chats", "open", "enter", "open", footer=True),
    Key("chats", "next", "j", "step(1)"),
    Key("chats", "previous", "k", "step(-1)"),
    Key("chats", "rename", "r", "rename", footer=True),
    Key("chats", "pin", "p", "pin", footer=True),
    Key("chats", "delete", "d,delete", "delete", footer=True),
    Key("chats", "undo", "u", "undo_delete", footer=True),
    Key("chats", "filter", "slash", "filter", footer=True),
    Key("chats", "leave", "escape", "leave"),
    # the side panels
    Key("models", "favourite", "f8,ctrl+s,f", "favourite", footer=True),
    Key("models", "refresh", "f9,r", "refresh", footer=True),
    Key("parameters", "reset", "f8,ctrl+u", "reset", footer=True),
    # the file picker
    Key("files", "mark", "space", "mark", footer=True, priority=True),
    Key("files", "pick", "insert,ctrl+space,ctrl+@", "pick", priority=True),
    Key("files", "up", "alt+up", "up", footer=True),
    Key("files", "kind", "ctrl+t", "next_kind", footer=True, priority=True),
    Key("files", "hidden", "f7", "hidden", footer=True),
    # dialogs and panels
    Key("dialog", "cancel", "escape", "cancel", footer=True),
    Key("panel", "leave", "escape", "leave", footer=True),
)


BY_ID: dict[str, Key] = {key.id: key for key in KEYS}

_rebound: dict[str, str] = {}

_NAMES = {
    "escape": "esc",
    "enter": "⏎",
    "space": "␣",
    "tab": "⇥",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "delete": "Del",
    "backspace": "⌫",
}


def rebind(keymap: Mapping[str, str]) -> None:
    """Take over the person's keymap (binding id → keys), so that what is shown is what works."""
    _rebound.clear()
    _rebound.update({id: typed for id, typed in keymap.items() if id in BY_ID and typed.strip()})


def keys_of(id: str) -> list[str]:
    """The keys that do this now, in Textual's names."""
    return [key.strip() for key in (_rebound.get(id) or BY_ID[id].keys).split(",")]


def shown(id: str) -> str:
    """The first key that does this now, as a person reads it: "^O", "F1", "esc", "c"."""
    return spelled(keys_of(id)[0])


def spelled(key: str) -> str:
    """A Textual key name as a person reads it."""
    if key in _NAMES:
        return _NAMES[key]
    if len(key) == 1:
        return key
    before, _, last = key.rpartition("+")
    if before == "ctrl":
        return f"^{_NAMES.get(last, last.upper())}"
    if before == "shift":
        return f"⇧{_NAMES.get(last, last.upper())}"
    if before:
        return f"{before}+{_NAMES.get(last, last)}"
    return key.upper() if key[:1] == "f" and key[1:].isdigit() else format_key(key)


def bindings(where: str) -> list[BindingType]:
    """Textual bindings of the rows that act at `where`, in the table's order."""
    return [
        Binding(key.keys, key.action, key.label, show=key.footer, priority=key.priority, id=key.id)
        for key in KEYS
        if key.where == where
    ]
