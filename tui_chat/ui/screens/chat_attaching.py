"""What goes along with a message, and how does it get there? Picked, dropped, pasted, completed and copied files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on

from tui_chat.errors import AttachError
from tui_chat.ui import speech
from tui_chat.ui.draft import Enclosure
from tui_chat.ui.screens.chat_sending import Sending
from tui_chat.ui.widgets.composer import Composer
from tui_chat.ui.widgets.prompt import Prompt
from tui_chat.wire.messages import Detail, Image
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.attach import Attached

DETAILS: tuple[Detail | None, ...] = (None, "low", "high", "auto", "original")


class Attaching(Sending):
    """Everything that makes a chip."""

    _folder: Path | None = None
    """Where the file picker was last."""

    def action_attach(self) -> None:
        """Pick files."""
        if self.talk is not None and self.talk.read_only is None:
            self.start(self._pick_files)

    async def _pick_files(self) -> None:
        from tui_chat.ui.screens.files import FilePicker

        picker = FilePicker(self._folder or Path.cwd())
        paths = await self.app.push_screen_wait(picker)
        self._folder = picker.folder
        await self.attach_files(paths or [])
        self.composer.prompt.focus()

    async def attach_files(self, paths: list[Path]) -> None:
        """Attach these; each that can't be is explained, the others stay."""
        for path in paths:
            try:
                await self._attach_one(path)
            except AttachError as error:
                self.complain(error)

    async def _attached(self, path: Path, **more: Any) -> Attached:
        from tui_chat.attach import attach_file

        settings = self.house.settings
        return await self.in_thread(
            attach_file,
            path,
            keep=self.house.blobs.keep,
            limit_bytes=settings.attachment_limit_mb * 1024 * 1024,
            image_limit_px=settings.image_limit_px,
            private=(self.house.places.credentials_file,),
            **more,
        )

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
        notes = tuple(speech.note(note.key, note.facts) for note in attached.notes)
        if attached.suspicious and not await self._meant(notes[0] if notes else path.name):
            return
        self.composer.add(Enclosure(attached.part, notes, path))

    @on(Composer.PictureOptionsAsked)
    def _picture_options_asked(self, event: Composer.PictureOptionsAsked) -> None:
        event.stop()
        self.start(self._picture_options, event.index)

    async def _picture_options(self, index: int) -> None:
        """Let the person choose how a picture travels: its detail, its original size."""
        from tui_chat.ui.screens.pick import Pick

        enclosure = self.composer.enclosures[index]
        part = enclosure.part
        if not isinstance(part, Image):
            return
        names = {None: "unset", "original": "detail_original"}
        rows = [(t(f"ui.picture.{names.get(each, each)}"), "✓" if part.detail == each else "") for each in DETAILS]
        if enclosure.source is not None:
            rows.append((t("ui.picture.original"), ""))
        picked = await self.app.push_screen_wait(Pick(t("ui.picture.title", name=part.name or part.url), rows))
        if picked is None or self.composer.enclosures[index : index + 1] != (enclosure,):
            return
        if picked < len(DETAILS):
            self.composer.change(index, replace(enclosure, part=replace(part, detail=DETAILS[picked])))
        elif enclosure.source is not None:
            attached = await self._attached(enclosure.source, keep_original=True, detail=part.detail)
            notes = tuple(speech.note(note.key, note.facts) for note in attached.notes)
            self.composer.change(index, Enclosure(attached.part, notes, enclosure.source))

    async def _confirmed(self, error: AttachError) -> bool:
        from tui_chat.ui.screens.dialogs import Confirm

        says, advice = speech.says(error.key, error.facts), speech.advice(error.key, error.facts)
        return await self.app.push_screen_wait(Confirm(says, advice, yes=t("ui.attach.send_it")))

    async def _meant(self, why: str) -> bool:
        from tui_chat.ui.screens.dialogs import Confirm

        return await self.app.push_screen_wait(Confirm(why, t("ui.attach.meant"), yes=t("ui.attach.send_it")))

    # what the composer tells

    @on(Prompt.PathsPasted)
    def _paths_pasted(self, event: Prompt.PathsPasted) -> None:
        event.stop()
        self.start(self._take_paths, event.text)

    async def _take_paths(self, text: str) -> None:
        from tui_chat.attach.sources import paths_in

        paths = await self.in_thread(paths_in, text)
        if paths:
            await self.attach_files(paths)
        else:
            self.composer.prompt.insert_paste(text)

    @on(Composer.FileChosen)
    def _file_chosen(self, event: Composer.FileChosen) -> None:
        event.stop()
        self.start(self.attach_files, [Path(event.path)])

    @on(Composer.UrlChosen)
    def _url_chosen(self, event: Composer.UrlChosen) -> None:
        event.stop()
        from tui_chat.attach import image_url

        try:
            self.composer.add(Enclosure(image_url(event.url)))
        except AttachError as error:
            self.complain(error)

    @on(Composer.CompletionAsked)
    def _completion_asked(self, event: Composer.CompletionAsked) -> None:
        event.stop()
        self.latest("completion", self._complete, event.prefix)

    async def _complete(self, prefix: str) -> None:
        from tui_chat.attach.completing import complete_path

        paths = await self.in_thread(complete_path, prefix.lstrip('"'), Path.cwd(), 30)
        self.composer.offer_files(prefix, paths)

    @on(Prompt.PictureAsked)
    def _picture_asked(self, event: Prompt.PictureAsked) -> None:
        event.stop()
        self.start(self._paste_picture)

    async def _paste_picture(self) -> None:
        """The clipboard's picture, else the text that was copied here last."""
        from tui_chat.attach import attach_content
        from tui_chat.attach.clipboard import read_image

        outcome = await self.in_thread(read_image)
        if outcome.result == "done":
            settings = self.house.settings
            attached = await self.in_thread(
                attach_content,
                outcome.content,
                t("ui.attach.clipboard_name"),
                keep=self.house.blobs.keep,
                limit_bytes=settings.attachment_limit_mb * 1024 * 1024,
                image_limit_px=settings.image_limit_px,
            )
            notes = tuple(speech.note(note.key, note.facts) for note in attached.notes)
            self.composer.add(Enclosure(attached.part, notes))
        elif self.app.clipboard:
            self.composer.prompt.paste_own()
        else:
            self.tell(t(f"ui.clipboard.{outcome.result}"), "warning")
