"""What can be done with a message's pictures, sound and prediction? Hear, save, use again, compare.

Nothing is played, opened or written by itself.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tui_chat.chat.node import Node
from tui_chat.ui.chat.attaching import Attaching
from tui_chat.ui.chat.meant import for_message
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.saving import Saving
from tui_chat.ui.draft import Enclosure
from tui_chat.ui.entries import attachment_label
from tui_chat.ui.player import Player
from tui_chat.wire.messages import Audio, Document, Image, TextFile
from tui_chat.wire.messages import Part as MessagePart
from tui_chat.words import t

Kept = Image | Audio | Document | TextFile


class Media(Part):
    """The bytes of messages."""

    def __init__(self, room: Room, attaching: Attaching, saving: Saving) -> None:
        self.room = room
        self._attaching, self._saving = attaching, saving
        self.acts = {
            "play": for_message(room, self._play),
            "save": for_message(room, self._save),
            "take": for_message(room, self._take),
            "predicted": for_message(room, self._predicted),
        }
        self._player: Player | None = None

    # hearing

    def _play(self, node: Node) -> None:
        if self._player is not None and self._player.is_playing:
            self._player.stop()
            self.room.tell(t("sound.stopped"))
            return
        sounds = [part for part in self._parts_with(node) if isinstance(part, Audio)]
        if sounds:
            self.room.start(self._hear, sounds[0])
        else:
            self.room.tell(t("sound.none"), "warning")

    async def _hear(self, sound: Audio) -> None:
        if self._player is None:
            self._player = Player(self.room.house.env)
        file = self.room.house.blobs.path(sound.blob)
        await self.room.in_thread(
            self.room.house.blobs.load, sound.blob
        )  # says so where it is gone, or not what it was
        program = await self.room.in_thread(self._player.play, file, sound.format)
        self.room.tell(t("sound.playing", program=program))

    def gone(self) -> None:
        """Nothing is heard of a screen that is gone."""
        if self._player is not None:
            self._player.stop()

    # saving

    def _save(self, node: Node) -> None:
        kept = [part for part in self._parts_with(node) if isinstance(part, Kept) and part.blob]
        if kept:
            self.room.start(self._save_some, kept)
        else:
            self.room.tell(t("media.none"), "warning")

    def _parts_with(self, node: Node) -> list[MessagePart]:
        """The parts of a message, and of the results of its tool calls, which stand with it."""
        results = self.room.talk.standing(node.id).results if self.room.talk is not None else ()
        return [part for each in (node, *results) for part in each.parts]

    async def _save_some(self, kept: list[Kept]) -> None:
        chosen = await self._which(kept, t("media.which_save"))
        if chosen is not None:
            await self._save_one(chosen)

    async def _which(self, kept: list[Kept], title: str) -> Kept | None:
        if len(kept) == 1:
            return kept[0]
        from tui_chat.ui.screens.pick import Pick

        rows = [(f"{number}  {attachment_label(part)}", "") for number, part in enumerate(kept, 1)]
        picked = await self.room.ask(Pick(title, rows))
        return kept[picked] if picked is not None else None

    async def _save_one(self, part: Kept) -> None:
        content = await self.room.in_thread(self.room.house.blobs.load, part.blob)
        await self._saving.save(content, name_of(part))

    # using again

    def _take(self, node: Node) -> None:
        there = self._parts_with(node)
        parts: list[Image | Audio] = [part for part in there if isinstance(part, Image)]
        parts += [part for part in there if isinstance(part, Audio) and part.format in ("wav", "mp3")]
        if parts:
            self.room.start(self._take_some, parts)
        else:
            self.room.tell(t("media.none"), "warning")

    async def _take_some(self, parts: list[Image | Audio]) -> None:
        part = await self._which(list(parts), t("media.which_take"))
        if part is None:
            return
        if isinstance(part, Image) and part.url:
            self.room.composer.add(Enclosure(Image(url=part.url)))
        else:
            content = await self.room.in_thread(self.room.house.blobs.load, part.blob)
            if not await self._attaching.attach_content(content, name_of(part)):
                return
        self.room.focus_writing()
        self.room.tell(t("media.taken"))

    # comparing with the prediction

    def _predicted(self, node: Node) -> None:
        from tui_chat.ui.predicted import predicted_lines, prediction_of
        from tui_chat.ui.screens.reader import ReaderScreen

        if node.role != "assistant" or prediction_of(node.values) is None:
            self.room.tell(t("predicted.none"), "warning")
            return
        views = [
            (t("predicted.changes"), lambda width: predicted_lines(node, width=width)),
            (t("predicted.whole"), lambda width: predicted_lines(node, whole=True, width=width)),
        ]
        self.room.show(ReaderScreen(t("predicted.title"), views, node.answered_by or node.model))


def name_of(part: Kept) -> str:
    """The name that is offered for its file."""
    from tui_chat.store.saving import safe_name, suffix_of

    now = f"{datetime.now(UTC).astimezone():%Y%m%d-%H%M%S}"
    match part:
        case Image():
            return safe_name(part.name, f"picture-{now}.{suffix_of(part.media_type)}")
        case Audio():
            return safe_name(part.name, f"answer-{now}.{'ogg' if part.format == 'opus' else part.format}")
        case _:
            return safe_name(part.name, f"file-{now}.bin")
