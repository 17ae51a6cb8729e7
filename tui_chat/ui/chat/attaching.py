"""What goes along with a message, and how does it get there? Picked, dropped, pasted, completed and copied files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tui_chat.errors import AttachError
from tui_chat.ui import speech
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.draft import Enclosure
from tui_chat.ui.widgets.composer import Composer
from tui_chat.ui.widgets.prompt import Prompt
from tui_chat.wire.messages import Detail, Image
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.attach import Attached

DETAILS: tuple[Detail | None, ...] = (None, "low", "high", "auto", "original")


class Attaching(Part):
    """Everything that makes a chip."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.does = {"chat.attach": self._pick_files, "chat.file": self._attach_file_id, "chat.record": self._record}
        self.answers = {
            Prompt.PathsPasted: lambda event: room.start(self._take_paths, event.text),
            Prompt.PictureAsked: lambda _: room.start(self._paste_picture),
            Composer.FileChosen: lambda event: room.start(self.attach_files, [Path(event.path)]),
            Composer.UrlChosen: self._attach_url,
            Composer.CompletionAsked: lambda event: room.latest("completion", self._complete, event.prefix),
            Composer.PictureOptionsAsked: lambda event: room.start(self._picture_options, event.index),
        }
        self.folder: Path | None = None
        """Where the file picker was last."""

    async def _pick_files(self) -> None:
        from tui_chat.ui.screens.files import FilePicker

        if not self.room.can_write:
            return
        picker = FilePicker(self.folder or Path.cwd())
        paths = await self.room.ask(picker)
        self.folder = picker.folder
        await self.attach_files(paths or [])
        self.room.composer.prompt.focus()

    async def _record(self) -> None:
        """Let go along what the person says into the microphone."""
        from tui_chat.ui.screens.recorder import RecorderScreen, spoken_time
        from tui_chat.wire.sound import seconds_of

        if not self.room.can_write:
            return
        content = await self.room.ask(RecorderScreen(self.room.house.settings.attachment_limit_bytes))
        if content is not None:
            name = f"recording-{datetime.now(UTC).astimezone():%Y%m%d-%H%M%S}.wav"
            said = t("record.attached", time=spoken_time(seconds_of(content, "wav") or 0))
            await self.attach_content(content, name, said)
        self.room.focus_writing()

    async def attach_files(self, paths: list[Path]) -> None:
        """Attach these; each that can't be is explained, the others stay."""
        for path in paths:
            try:
                await self._attach_one(path)
            except AttachError as error:
                self.room.complain(error)

    async def attach_content(self, content: bytes, name: str, *remarks: str, as_text: bool = False) -> bool:
        """Attach bytes that are at hand already, with what is to be said of them; whether the person meant it."""
        from tui_chat.attach import attach_content

        return await self._add(await self._read(attach_content, content, name, as_text=as_text), name, remarks)

    async def _attached(self, path: Path, **more: Any) -> Attached:
        from tui_chat.attach import attach_file

        return await self._read(attach_file, path, private=(self.room.house.places.credentials_file,), **more)

    async def _read(self, read: Callable[..., Attached], *args: Any, **more: Any) -> Attached:
        house, settings = self.room.house, self.room.house.settings
        limits = {"limit_bytes": settings.attachment_limit_bytes, "image_limit_px": settings.image_limit_px}
        more |= {"keep": house.blobs.keep, **limits}
        return await self.room.in_thread(read, *args, **more)

    async def _attach_one(self, path: Path, *, as_text: bool = False) -> None:
        try:
            attached = await self._attached(path, as_text=as_text)
        except AttachError as error:
            if error.key == "error.attach_offer_text" and not as_text and await self._confirmed(error):
                await self._attach_one(path, as_text=True)
                return
            if error.key == "error.attach_offer_text":
                return
            raise
        await self._add(attached, path.name, source=path)

    async def _add(
        self, attached: Attached, name: str, remarks: tuple[str, ...] = (), source: Path | None = None
    ) -> bool:
        """Have it go along; what looks like a secret only if the person means it."""
        notes = _notes(attached)
        if attached.suspicious and not await self._meant(notes[0] if notes else name):
            return False
        self.room.composer.add(Enclosure(attached.part, (*remarks, *notes), source))
        return True

    async def _confirmed(self, error: AttachError) -> bool:
        from tui_chat.ui.screens.dialogs import Confirm

        says, advice = speech.says(error.key, error.facts), speech.advice(error.key, error.facts)
        return await self.room.ask(Confirm(says, advice, yes=t("ui.attach.send_it")))

    async def _meant(self, why: str) -> bool:
        from tui_chat.ui.screens.dialogs import Confirm

        return await self.room.ask(Confirm(why, t("ui.attach.meant"), yes=t("ui.attach.send_it")))

    async def _attach_file_id(self) -> None:
        """Let a file go along that the provider has already."""
        from tui_chat.attach import uploaded_file
        from tui_chat.ui.screens.dialogs import AskText

        typed: str | None = ""
        while self.room.can_write:
            typed = await self.room.ask(AskText(t("media.file_id"), typed or "", placeholder="file-abc123"))
            if typed is None:
                return
            try:
                part = uploaded_file(typed)
            except AttachError as error:
                self.room.complain(error)
                continue
            self.room.composer.add(Enclosure(part, (t("media.file_id_note"),)))
            self.room.focus_writing()
            return

    # how a picture travels

    async def _picture_options(self, index: int) -> None:
        """Let the person choose how a picture travels: its detail, its original size."""
        from tui_chat.ui.screens.pick import Pick

        enclosure = self.room.composer.enclosures[index]
        part = enclosure.part
        if not isinstance(part, Image):
            return
        names = {None: "unset", "original": "detail_original"}
        rows = [(t(f"ui.picture.{names.get(each, each)}"), "✓" if part.detail == each else "") for each in DETAILS]
        if enclosure.source is not None:
            rows.append((t("ui.picture.original"), ""))
        picked = await self.room.ask(Pick(t("ui.picture.title", name=part.name or part.url), rows))
        if picked is None or self.room.composer.enclosures[index : index + 1] != (enclosure,):
            return
        if picked < len(DETAILS):
            self.room.composer.change(index, replace(enclosure, part=replace(part, detail=DETAILS[picked])))
        elif enclosure.source is not None:
            attached = await self._attached(enclosure.source, keep_original=True, detail=part.detail)
            self.room.composer.change(index, Enclosure(attached.part, _notes(attached), enclosure.source))

    # what the composer tells

    async def _take_paths(self, text: str) -> None:
        from tui_chat.attach.sources import paths_in

        paths = await self.room.in_thread(paths_in, text)
        if paths:
            await self.attach_files(paths)
        else:
            self.room.composer.prompt.insert_paste(text)

    def _attach_url(self, event: Composer.UrlChosen) -> None:
        from tui_chat.attach import image_url

        self.room.composer.add(Enclosure(image_url(event.url)))

    async def _complete(self, prefix: str) -> None:
        from tui_chat.attach.completing import complete_path

        paths = await self.room.in_thread(complete_path, prefix.lstrip('"'), Path.cwd(), 30)
        self.room.composer.offer_files(prefix, paths)

    async def _paste_picture(self) -> None:
        """The clipboard's picture, else the text that was copied here last."""
        from tui_chat.attach.clipboard import read_image

        outcome = await self.room.in_thread(read_image)
        if outcome.result == "done":
            await self.attach_content(outcome.content, t("ui.attach.clipboard_name"))
        elif self.room.has_copied:
            self.room.composer.prompt.paste_own()
        else:
            self.room.tell(t(f"ui.clipboard.{outcome.result}"), "warning")


def _notes(attached: Attached) -> tuple[str, ...]:
    return tuple(speech.note(note.key, note.facts) for note in attached.notes)
