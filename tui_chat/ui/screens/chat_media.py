"""What can be done with a message's pictures, sound and prediction? Hear, save, use again, compare.

Nothing is played, opened or written by itself. Files are written where the person says, never in another's place
without a yes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tui_chat.chat.node import Node
from tui_chat.errors import AttachError, StoreError
from tui_chat.ui import speech
from tui_chat.ui.draft import Enclosure
from tui_chat.ui.entries import attachment_label
from tui_chat.ui.player import Player
from tui_chat.ui.screens.chat_money import Money
from tui_chat.wire.messages import Audio, Document, Image, Part, TextFile
from tui_chat.words import t

Kept = Image | Audio | Document | TextFile


class Media(Money):
    """The bytes of messages."""

    _player: Player | None = None
    _saved_in: Path | None = None
    """The folder in which something was saved last."""

    def act_on(self, action: str, key: str) -> None:
        """Do what concerns pictures, sound or the prediction of a message."""
        doing = {"play": self._play, "save": self._save, "take": self._take, "predicted": self._predicted}
        if action not in doing:
            super().act_on(action, key)
            return
        node = self._meant_by(key)
        if node is None:
            self.refuse_nothing()
        else:
            doing[action](node)

    def _meant_by(self, key: str) -> Node | None:
        """The message with this id; the last one for ""."""
        if self.talk is None:
            return None
        key = key or (self.talk.shown[-1] if self.talk.shown else "")
        try:
            return self.talk.node(key) if key else None
        except KeyError:
            return None

    # hearing

    def _play(self, node: Node) -> None:
        if self._player is not None and self._player.is_playing:
            self._player.stop()
            self.tell(t("sound.stopped"))
            return
        sounds = [part for part in node.parts if isinstance(part, Audio)]
        if sounds:
            self.start(self._hear, sounds[0])
        else:
            self.tell(t("sound.none"), "warning")

    async def _hear(self, sound: Audio) -> None:
        if self._player is None:
            self._player = Player(self.house.env)
        file = self.house.blobs.path(sound.blob)
        await self.in_thread(self.house.blobs.load, sound.blob)  # says so where it is gone, or not what it was
        program = await self.in_thread(self._player.play, file, sound.format)
        self.tell(t("sound.playing", program=program))

    def on_unmount(self) -> None:
        """Nothing is heard of a screen that is gone."""
        if self._player is not None:
            self._player.stop()

    # saving

    def _save(self, node: Node) -> None:
        kept = [part for part in node.parts if isinstance(part, Kept) and part.blob]
        for id in self.talk.with_results(node.id)[1:] if self.talk is not None else ():
            kept += [part for part in self._parts_of(id) if isinstance(part, Kept) and part.blob]
        if kept:
            self.start(self._save_some, kept)
        else:
            self.tell(t("media.none"), "warning")

    def _parts_of(self, id: str) -> tuple[Part, ...]:
        assert self.talk is not None
        try:
            return self.talk.node(id).parts
        except KeyError:
            return ()

    async def _save_some(self, kept: list[Kept]) -> None:
        chosen = await self._which(kept, t("media.which_save"))
        if chosen is not None:
            await self._save_one(chosen)

    async def _which(self, kept: list[Kept], title: str) -> Kept | None:
        if len(kept) == 1:
            return kept[0]
        from tui_chat.ui.screens.pick import Pick

        rows = [(f"{number}  {attachment_label(part)}", "") for number, part in enumerate(kept, 1)]
        picked = await self.app.push_screen_wait(Pick(title, rows))
        return kept[picked] if picked is not None else None

    async def _save_one(self, part: Kept) -> None:
        from tui_chat.store.saving import checked_path, free_path, save
        from tui_chat.ui.screens.dialogs import AskText, Confirm

        content = await self.in_thread(self.house.blobs.load, part.blob)
        folder = self._saved_in or Path.cwd()
        name = name_of(part)
        typed: str | None = str(await self.in_thread(free_path, folder, name))
        while True:
            typed = await self.app.push_screen_wait(AskText(t("media.save_as"), typed or ""))
            if typed is None:
                return
            places = self.house.places
            try:
                path = await self.in_thread(checked_path, typed, name, (places.config, places.cache))
                await self.in_thread(save, content, path)
            except StoreError as error:
                if error.key != "error.save_exists":
                    self.complain(error)
                    continue
                question = Confirm(t("media.replace", path=str(path)), yes=t("media.replace_yes"))
                if not await self.app.push_screen_wait(question):
                    continue
                await self.in_thread(save, content, path, replace=True)
            break
        self._saved_in = path.parent
        self.tell(t("media.saved", path=str(path)))

    # using again

    def _take(self, node: Node) -> None:
        parts: list[Image | Audio] = [part for part in node.parts if isinstance(part, Image)]
        parts += [part for part in node.parts if isinstance(part, Audio) and part.format in ("wav", "mp3")]
        if parts:
            self.start(self._take_some, parts)
        else:
            self.tell(t("media.none"), "warning")

    async def _take_some(self, parts: list[Image | Audio]) -> None:
        from tui_chat.attach import attach_content

        part = await self._which(list(parts), t("media.which_take"))
        if part is None:
            return
        if isinstance(part, Image) and part.url:
            self.composer.add(Enclosure(Image(url=part.url)))
        else:
            settings = self.house.settings
            content = await self.in_thread(self.house.blobs.load, part.blob)
            attached = await self.in_thread(
                attach_content,
                content,
                name_of(part),
                keep=self.house.blobs.keep,
                limit_bytes=settings.attachment_limit_mb * 1024 * 1024,
                image_limit_px=settings.image_limit_px,
            )
            notes = tuple(speech.note(note.key, note.facts) for note in attached.notes)
            self.composer.add(Enclosure(attached.part, notes))
        self.focus_writing()
        self.tell(t("media.taken"))

    def action_attach_file_id(self) -> None:
        """Let a file go along that the provider has already."""
        if self.talk is not None and self.talk.read_only is None:
            self.start(self._attach_file_id)

    async def _attach_file_id(self) -> None:
        from tui_chat.attach import uploaded_file
        from tui_chat.ui.screens.dialogs import AskText

        typed: str | None = ""
        while True:
            typed = await self.app.push_screen_wait(AskText(t("media.file_id"), typed or "", placeholder="file-abc123"))
            if typed is None:
                return
            try:
                part = uploaded_file(typed)
            except AttachError as error:
                self.complain(error)
                continue
            break
        self.composer.add(Enclosure(part, (t("media.file_id_note"),)))
        self.focus_writing()

    # comparing with the prediction

    def _predicted(self, node: Node) -> None:
        from tui_chat.ui.predicted import predicted_lines, prediction_of
        from tui_chat.ui.screens.reader import ReaderScreen

        if node.role != "assistant" or prediction_of(node.values) is None:
            self.tell(t("predicted.none"), "warning")
            return
        views = [
            (t("predicted.changes"), lambda width: predicted_lines(node, width=width)),
            (t("predicted.whole"), lambda width: predicted_lines(node, whole=True, width=width)),
        ]
        self.app.push_screen(ReaderScreen(t("predicted.title"), views, node.answered_by or node.model))


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
