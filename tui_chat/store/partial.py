"""How does an answer survive while it comes in: a file beside the session that grows with it.

The first record holds the answer as it stood; later ones only what was added to its last part, so an answer of a
megabyte isn't written a hundred times over. Each is sealed like a session's records: a crash of the program costs what
was not handed over yet, never more; one of the machine what was not secured.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from tui_chat.chat.node import Node
from tui_chat.disk import GrowingFile, read_bounded, replace_file
from tui_chat.store.index import scan
from tui_chat.store.reasons import store_error
from tui_chat.store.records import Unreadable, node_record, read_node, seal
from tui_chat.store.toml_text import LIMIT_BYTES, entry, parse
from tui_chat.wire.messages import Part, Reasoning, Refusal, Text

_REWRITE_BYTES = 1024 * 1024


class Sidecar:
    """The answers of one chat that are coming in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: GrowingFile | None = None
        self._kept: dict[str, Node] = {}
        self._doubted = False
        """Whether the disk refused what was handed over before: then all of it is written anew."""

    def keep(self, node: Node) -> None:
        """Hand the answer over to the system as it stands: now it outlives this process.

        Raises:
            StoreError: it does not; what was kept before still does.
        """
        if self._doubted:
            self._doubted = False
            self._begin_anew()
        added = _added(self._kept.get(node.id), node)
        if added == "":
            return
        try:
            if added is None:
                self._keep_whole(node)
            else:
                self._require().append(_more(node, added), secured=False)
        except OSError as error:
            self._begin_anew()
            raise store_error(error, self.path) from error
        self._kept[node.id] = node

    def secure(self) -> None:
        """Wait until what was handed over is on disk, from any thread; raises StoreError where it isn't."""
        file = self._file
        if file is None:
            return
        try:
            file.secure()
        except FileNotFoundError:
            return  # settled meanwhile
        except OSError as error:
            self._doubted = True
            raise store_error(error, self.path) from error

    def forget(self) -> None:
        """Remove the file; one that can't be removed is told apart at the next opening by the ids in it."""
        self._begin_anew()
        with suppress(OSError):
            self.path.unlink()

    def _keep_whole(self, node: Node) -> None:
        record = node_record(node, 1)
        if self._file is None and not self.path.exists():
            self._file = GrowingFile(self.path)
        if self._file is None or self._file.end > _REWRITE_BYTES:
            others = (other for id, other in self._kept.items() if id != node.id)
            replace_file(self.path, b"".join(node_record(other, 1) for other in others) + record)
            self._file = GrowingFile(self.path)
        else:
            self._file.append(record, secured=False)

    def _begin_anew(self) -> None:
        self._file = None
        self._kept.clear()

    def _require(self) -> GrowingFile:
        if self._file is None:
            self._file = GrowingFile(self.path)
        return self._file


def read_sidecar(path: Path) -> list[Node]:
    """The answers a sidecar holds, as they stood last; empty where there is none or nothing in it is whole."""
    try:
        content = read_bounded(path, 4 * LIMIT_BYTES)
    except OSError:
        return []
    nodes: dict[str, Node] = {}
    for span in scan(content).spans:
        match parse(content[span.start : span.stop]):
            case {"node": [found]}:
                with suppress(Unreadable):
                    node = read_node(found)
                    nodes[node.id] = node
            case {"more": [{"id": str(id), "text": str(text), **more}]} if id in nodes and nodes[id].parts:
                *before, last = nodes[id].parts
                if isinstance(last, Text | Reasoning | Refusal):
                    longer = _longer(last, last.text + text, more.get("seconds"))
                    nodes[id] = replace(nodes[id], parts=(*before, longer))
    return list(nodes.values())


def _added(kept: Node | None, node: Node) -> str | None:
    """What was added to the last part since `kept`; None where more than that has changed."""
    if kept is None or not node.parts or len(kept.parts) != len(node.parts):
        return None
    before, last = kept.parts[-1], node.parts[-1]
    if not isinstance(before, Text | Reasoning | Refusal) or not isinstance(last, Text | Reasoning | Refusal):
        return None
    # Counts and times change with every piece and come with the final record; they aren't worth a whole one here.
    if replace(kept, parts=node.parts, usage=node.usage, timing=node.timing) != node:
        return None
    if kept.parts[:-1] != node.parts[:-1] or not last.text.startswith(before.text):
        return None
    added = last.text[len(before.text) :]
    same = _longer(before, last.text, last.seconds if added and isinstance(last, Reasoning) else None) == last
    return added if same else None


def _more(node: Node, added: str) -> bytes:
    """The record of what was added to the last part of an answer."""
    last = node.parts[-1]
    seconds = last.seconds if isinstance(last, Reasoning) else None
    body = "[[more]]\n" + entry("id", node.id) + entry("text", added)
    return seal(body + entry("seconds", seconds) if seconds is not None else body)


def _longer(part: Text | Reasoning | Refusal, text: str, seconds: object = None) -> Part:
    """The part with other words, and with the seconds that were thought by then."""
    if isinstance(part, Reasoning) and isinstance(seconds, int | float):
        return replace(part, text=text, seconds=float(seconds))
    return replace(part, text=text)
