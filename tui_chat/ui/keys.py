"""Which key does what, and where: the one table that bindings, footer, help, palette, keymap and docs read.

Each row's id names its label in `words/` (`key.<id>`), its row in the person's keymap (settings, `[keymap]`), and
the Textual binding id. A screen or widget asks for its rows with `bindings(where)` and writes `action_…` methods; what
acts at "chat" is done by the part of the chat screen that names the id (`ui/chat/part.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from textual.binding import Binding, BindingType
from textual.keys import format_key

from tui_chat.words import t


class Key(Struct, frozen=True):
    """One action a key can do."""

    where: str
    """Where it acts: "app" (everywhere), "chat" (the chat screen), "composer", "transcript", "chats", "dialog" …"""
    name: str
    """With `where` the id: "transcript.copy"."""
    keys: str
    """Textual key names, comma separated; the first is the one shown."""
    action: str = ""
    """Textual action string, run by the widget or screen that holds the binding; "" where a part of the chat screen
    does it by the row's id."""
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
    Key("chat", "new", "ctrl+n", priority=True),
    Key("chat", "attach", "ctrl+o", footer=True, priority=True),
    Key("chat", "model", "ctrl+l", priority=True),
    Key("chat", "chats", "ctrl+b", priority=True),
    Key("chat", "panels", "ctrl+t", priority=True),
    Key("chat", "find", "ctrl+f", priority=True),
    Key("chat", "regenerate", "ctrl+r", priority=True),
    Key("chat", "copy_answer", "ctrl+y", priority=True),
    Key("chat", "temporary", "f4", priority=True),
    Key("chat", "parameters", "f5", priority=True),
    Key("chat", "tools", "f6", priority=True),
    Key("chat", "settings", "f2", priority=True),
    Key("chat", "presets", "alt+p", priority=True),
    Key("chat", "search", "f3", priority=True),
    Key("chat", "rename", "f12", priority=True),
    Key("chat", "unqueue", "alt+up", priority=True),
    Key("chat", "balance", "f9"),
    Key("chat", "stored", "alt+s", priority=True),
    Key("chat", "go_on", "alt+g", priority=True),
    Key("chat", "servers", "alt+m", priority=True),
    Key("chat", "resources", "alt+r", priority=True),
    Key("chat", "templates", "alt+t", priority=True),
    Key("chat", "usage", "alt+u", priority=True),
    Key("chat", "file", "alt+a", priority=True),
    Key("chat", "record", "alt+v", priority=True),
    # … while another window has the chat
    Key("chat", "take_over", "t", footer=True),
    Key("chat", "copy", "C,c", footer=True),
    # anywhere, and yet at the end of lists: seldom wanted
    Key("app", "redraw", "alt+l", "redraw", priority=True),
    # the composer
    Key("composer", "send", "enter", "send", footer=True),
    Key("composer", "newline", "ctrl+j,shift+enter", "newline", footer=True),
    Key("composer", "stop", "escape", "stop_or_leave", footer=True),
    Key("composer", "history_back", "ctrl+up", "history(-1)"),
    Key("composer", "history_forward", "ctrl+down", "history(1)"),
    Key("composer", "page_up", "pageup", "page(-1)"),
    Key("composer", "page_down", "pagedown", "page(1)"),
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
    Key("transcript", "pan_left", "shift+left,left_square_bracket", "pan(-1)"),
    Key("transcript", "pan_right", "shift+right,right_square_bracket", "pan(1)"),
    Key("transcript", "delete", "d,delete", "ask('delete')", footer=True),
    Key("transcript", "delete_branch", "D", "ask('delete_branch')"),
    Key("transcript", "undo", "u", "ask('undo')"),
    Key("transcript", "fold", "space", "fold"),
    Key("transcript", "details", "i", "ask('details')", footer=True),
    Key("transcript", "inspect", "I", "ask('inspect')"),
    Key("transcript", "heal", "x", "ask('heal')"),
    Key("transcript", "rewrite", "E", "ask('rewrite')"),
    Key("transcript", "insert_after", "m", "ask('insert_after')"),
    Key("transcript", "insert_before", "M", "ask('insert_before')"),
    Key("transcript", "move_up", "K", "ask('move_up')"),
    Key("transcript", "move_down", "J", "ask('move_down')"),
    Key("transcript", "prefill", "P", "ask('prefill')"),
    Key("transcript", "play", "p", "ask('play')"),
    Key("transcript", "save", "s", "ask('save')"),
    Key("transcript", "take", "a", "ask('take')"),
    Key("transcript", "predicted", "v", "ask('predicted')"),
    Key("transcript", "open", "o", "ask('open')"),
    Key("transcript", "heat", "H", "ask('heat')"),
    Key("transcript", "structured", "T", "ask('structured')"),
    Key("transcript", "sources", "S", "ask('sources')"),
    Key("transcript", "choices", "V", "ask('choices')"),
    Key("transcript", "find_previous", "N", "ask('find_previous')"),
    Key("transcript", "leave", "escape,enter", "leave"),
    # the approval card; Enter and Space never allow
    Key("approval", "deny", "n", "choose('deny')"),
    Key("approval", "reason", "m", "choose('reason')"),
    Key("approval", "once", "y", "choose('once')"),
    Key("approval", "always", "a", "choose('always')"),
    Key("approval", "edit", "e", "choose('edit')"),
    Key("approval", "type", "t", "choose('type')"),
    Key("approval", "press", "enter", "press"),
    Key("approval", "next", "right", "mark(1)"),
    Key("approval", "previous", "left", "mark(-1)"),
    Key("approval", "down", "down,j", "step(1)", footer=True),
    Key("approval", "up", "up,k", "step(-1)"),
    Key("approval", "page_down", "space,pagedown", "page(1)", footer=True),
    Key("approval", "page_up", "pageup", "page(-1)"),
    Key("approval", "end", "end,G", "edge(True)", footer=True),
    Key("approval", "top", "home,g", "edge(False)"),
    Key("approval", "leave", "escape", "leave", footer=True),
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
    Key("models", "favourite", "f8,ctrl+s", "favourite", footer=True),
    Key("models", "refresh", "f9", "refresh", footer=True),
    Key("parameters", "reset", "f8,ctrl+u", "reset", footer=True),
    Key("parameters", "forget", "f7", "forget"),
    Key("value", "done", "ctrl+s", "done", footer=True),
    Key("value", "file", "ctrl+o", "file", footer=True),
    Key("presets", "save", "s", "save", footer=True),
    Key("presets", "replace", "w", "replace", footer=True),
    Key("presets", "rename", "r", "rename", footer=True),
    Key("presets", "delete", "d,delete", "delete", footer=True),
    Key("tools", "toggle", "space", "switch", footer=True),
    Key("tools", "open", "enter", "open", footer=True),
    Key("tools", "remove", "d,delete", "remove", footer=True),
    Key("tools", "previous_value", "left", "turn(-1)"),
    Key("tools", "next_value", "right", "turn(1)"),
    # MCP servers: the list, a page to read, and what asks for a yes, where Enter and Space never say it
    Key("servers", "allow", "a", "allow"),
    Key("servers", "restart", "r", "restart"),
    Key("servers", "stop", "s", "stop"),
    Key("servers", "resources", "o", "resources"),
    Key("servers", "templates", "t", "templates"),
    Key("servers", "forget", "d,delete", "forget"),
    Key("server_look", "copy", "y", "copy"),
    Key("consent", "yes", "y", "yes"),
    Key("consent", "no", "n,escape", "no"),
    Key("consent", "press", "enter", "press"),
    Key("consent", "down", "down,j", "step(1)"),
    Key("consent", "up", "up,k", "step(-1)"),
    Key("consent", "page_down", "space,pagedown", "page(1)"),
    Key("consent", "page_up", "pageup", "page(-1)"),
    Key("consent", "end", "end,G", "edge(True)"),
    Key("consent", "top", "home,g", "edge(False)"),
    # the file picker
    Key("files", "mark", "space", "mark", footer=True, priority=True),
    Key("files", "pick", "insert,ctrl+space,ctrl+@", "pick", priority=True),
    Key("files", "up", "alt+up", "up", footer=True),
    Key("files", "kind", "ctrl+t", "next_kind", footer=True, priority=True),
    Key("files", "hidden", "f7", "hidden", footer=True),
    # the request inspector
    Key("inspector", "next", "right,l", "section(1)", footer=True, priority=True),
    Key("inspector", "previous", "left,h", "section(-1)", priority=True),
    Key("inspector", "copy", "y", "copy", footer=True),
    Key("inspector", "curl", "c", "copy_curl", footer=True),
    Key("inspector", "python", "p", "copy_python", footer=True),
    Key("inspector", "again", "r", "again", footer=True),
    Key("inspector", "compare", "d", "compare", footer=True),
    Key("inspector", "older", "left_square_bracket", "earlier", footer=True),
    Key("inspector", "newer", "right_square_bracket", "later"),
    # answers side by side, and an answer's sources
    Key("choices", "next", "tab", "go(1)", footer=True, priority=True),
    Key("choices", "previous", "shift+tab", "go(-1)", priority=True),
    Key("choices", "next_arrow", "right,l", "go(1)", priority=True),
    Key("choices", "previous_arrow", "left,h", "go(-1)", priority=True),
    Key("choices", "pick", "enter", "pick", footer=True, priority=True),
    Key("sources", "copy", "y", "copy", footer=True),
    # the heat view of an answer: the text, and the tokens that might have come
    Key("heat", "next", "right,l", "step(1)", footer=True),
    Key("heat", "previous", "left,h", "step(-1)"),
    Key("heat", "down", "down,j", "row(1)"),
    Key("heat", "up", "up,k", "row(-1)"),
    Key("heat", "page_down", "pagedown", "page(1)"),
    Key("heat", "page_up", "pageup", "page(-1)"),
    Key("heat", "first", "home,g", "edge(False)"),
    Key("heat", "last", "end,G", "edge(True)"),
    Key("heat", "weak", "u", "weak(1)", footer=True),
    Key("heat", "weak_before", "U", "weak(-1)"),
    Key("heat_others", "mark", "tab", "mark(1)", footer=True, priority=True),
    Key("heat_others", "mark_before", "shift+tab", "mark(-1)", priority=True),
    Key("heat_others", "continue", "enter", "continue", footer=True),
    # an answer in JSON
    Key("structured", "next", "tab", "section(1)", footer=True, priority=True),
    Key("structured", "previous", "shift+tab", "section(-1)", priority=True),
    Key("structured", "again", "r", "again", footer=True),
    Key("structured", "copy", "y", "copy", footer=True),
    Key("structured", "json", "e", "export('json')", footer=True),
    Key("structured", "csv", "v", "export('csv')", footer=True),
    # stored completions: the list, and one of them
    Key("stored", "open", "o", "open", footer=True),
    Key("stored", "metadata", "m", "metadata", footer=True),
    Key("stored", "delete", "d,delete", "delete", footer=True),
    Key("stored", "filter", "slash", "filter", footer=True),
    Key("stored_look", "open", "o", "do('open')"),
    Key("stored_look", "metadata", "m", "do('metadata')"),
    Key("stored_look", "delete", "d,delete", "do('delete')"),
    Key("stored_look", "copy", "y", "copy"),
    # views of something to be read, and the details of a message
    Key("reader", "next", "right,l", "section(1)", footer=True, priority=True),
    Key("reader", "previous", "left,h", "section(-1)", priority=True),
    Key("reader", "copy", "y", "copy", footer=True),
    Key("details", "charge", "x", "charge"),
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
        Binding(
            key.keys, key.action or f"perform('{key.id}')", key.label, show=key.footer, priority=key.priority, id=key.id
        )
        for key in KEYS
        if key.where == where
    ]
