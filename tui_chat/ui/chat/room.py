"""What do all parts of the chat screen stand on? The open chat, the way to the engine, and how errors are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar, cast

from textual.app import SuspendNotSupported
from textual.css.query import NoMatches
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from tui_chat import words
from tui_chat.errors import ChatError, UsageError
from tui_chat.ui import speech
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.terms import Terms
from tui_chat.ui.gate import visible
from tui_chat.ui.keys import BY_ID, Key
from tui_chat.ui.showing import Showing
from tui_chat.ui.talk import Talk
from tui_chat.ui.transcript.view import Transcript
from tui_chat.ui.watch import Watch
from tui_chat.ui.widgets.composer import Composer
from tui_chat.wiring import House
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.app import YibuApp

T = TypeVar("T")
P = ParamSpec("P")
W = TypeVar("W", bound=Widget)
Severity = Literal["information", "warning", "error"]


class Room:
    """The open chat and the ways to do something about it: all that a part knows of the screen it works for."""

    class LanguageChosen(Message):
        """Another language is spoken: whatever shows words is to be built anew."""

    class LooksChosen(Message):
        """Another theme is worn, or other keys."""

    class Mistaken(Message):
        """Something went wrong by a mistake of ours."""

        def __init__(self, error: Exception) -> None:
            super().__init__()
            self.error = error

    def __init__(self, screen: Screen[None], house: House, watch: Watch) -> None:
        self._screen = screen
        self.house = house
        self.watch = watch
        self.talk: Talk | None = None
        """The chat on screen; None until the first one is open."""
        self.showing: Showing | None = None
        self.terms = Terms(self)
        self.parts: tuple[Part, ...] = ()
        """Who is told what happens, in this order."""

    @property
    def chat(self) -> str:
        """The id of the chat on screen, "" while there is none."""
        return self.talk.id if self.talk is not None else ""

    @property
    def transcript(self) -> Transcript:
        """The conversation."""
        return self._screen.query_one(Transcript)

    @property
    def composer(self) -> Composer:
        """The place to write."""
        return self._screen.query_one(Composer)

    # telling the parts

    def follow(self) -> None:
        """Bring everything around the transcript up to date."""
        for part in self.parts:
            part.follow()

    def chat_opened(self) -> None:
        """Another chat is on screen: whatever shows it must be told."""
        for part in self.parts:
            part.chat_opened()
        self.follow()

    async def connected(self) -> None:
        """Someone else answers from now on."""
        self.follow()
        for part in self.parts:
            await part.connected()

    @property
    def can_write(self) -> bool:
        """Whether there is a chat in which something can be said."""
        return self.talk is not None and self.talk.read_only is None

    def may_change(self) -> bool:
        """Whether the chat can be written to and no answer is arriving; says so where not."""
        assert self.talk is not None
        refusal = self.talk.read_only or (UsageError("error.busy") if self.talk.is_busy else None)
        if refusal is not None:
            self.complain(refusal)
        return refusal is None

    # doing things elsewhere

    def do(self, work: Callable[..., object], *args: object) -> None:
        """Do it now, or start it where it is an `async def`."""
        if iscoroutinefunction(work):
            self.start(work, *args)
            return
        try:
            work(*args)
        except Exception as error:  # noqa: BLE001  # as in `attempt`
            self._explain(error)

    def start(self, work: Callable[P, Coroutine[Any, Any, object]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Run something that waits; what goes wrong in it is told, never lost and never the end of the program."""
        run = partial(self.attempt, work, *args, **kwargs)
        _worker: Worker[None] = self._screen.run_worker(run, exit_on_error=False)

    def bring_in(self, work: Callable[P, Coroutine[Any, Any, object]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Start what takes the keyboard elsewhere; from now on keys wait until it is there."""
        app = cast("YibuApp", self._screen.app)
        run = partial(app.ahead.let_go_after, partial(self.attempt, work, *args, **kwargs))
        app.ahead.hold()
        # The app's, not the screen's: it must not be given up with that, nor the keys.
        _worker: Worker[None] = app.run_worker(run, exit_on_error=False)

    def latest(
        self, group: str, work: Callable[P, Coroutine[Any, Any, object]], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """The same for something of which only the latest counts: an earlier one of the group is given up."""
        run = partial(self.attempt, work, *args, **kwargs)
        _worker: Worker[None] = self._screen.run_worker(run, group=group, exclusive=True, exit_on_error=False)

    async def attempt(self, work: Callable[P, Coroutine[Any, Any, object]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Do something that waits, to its end; what goes wrong in it is told."""
        try:
            await work(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  # a mistake of ours in one action must not end the chat
            self._explain(error)

    async def engine(self, work: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run on the engine, after what was set before it was asked for: a message goes with those parameters.

        Gives its result, or raises what it raises. What was begun there is not given up with the screen.
        """
        await self.terms.tell()
        return await self.engine_now(work, *args, **kwargs)

    async def engine_now(self, work: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, before all that."""
        return await asyncio.shield(asyncio.wrap_future(self.house.engine.submit(work(*args, **kwargs))))

    async def in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run something that blocks (files, programs) on a thread; its result."""
        return await asyncio.to_thread(work, *args, **kwargs)

    def with_terminal(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Leave the terminal to another program meanwhile; its result, None where that failed, which is told."""
        result: T | None = None
        failure: Exception | None = None
        try:
            with self._screen.app.suspend():
                try:  # in here: Textual takes the terminal back only where nothing is raised
                    result = work(*args, **kwargs)
                except Exception as error:  # noqa: BLE001  # as in `attempt`
                    failure = error
        except SuspendNotSupported:
            failure = UsageError("error.no_suspend")
        self._screen.refresh(layout=True)
        if failure is not None:
            self._explain(failure)
        return result

    def later(self, delay_s: float, work: Callable[[], object]) -> Timer:
        """Do it after a while."""
        return self._screen.set_timer(delay_s, lambda: self.do(work))

    def every(self, step_s: float, work: Callable[[], object]) -> Timer:
        """Do it again and again, until the timer is stopped."""
        return self._screen.set_interval(step_s, lambda: self.do(work))

    def after_refresh(self, work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Do it once what changed on the screen has its place."""
        self._screen.call_after_refresh(work, *args, **kwargs)

    # on the screen

    @property
    def is_there(self) -> bool:
        """Whether there is a screen to be seen, maybe below others."""
        return self._screen.is_mounted and bool(self._screen.query(Transcript))  # which goes before its screen does

    @property
    def is_on_top(self) -> bool:
        """Whether nothing lies over the chat."""
        return self._screen.app.screen is self._screen

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self._screen.size.width

    @property
    def height(self) -> int:
        """How many rows the conversation and what is being written share."""
        return self._screen.query_one("#centre").size.height

    @property
    def keys_at_hand(self) -> list[Key]:
        """The rows of the key table that work where the focus is."""
        active = [each.binding.id or "" for each in self._screen.active_bindings.values() if each.enabled]
        return [BY_ID[id] for id in active if id in BY_ID]

    def find(self, kind: type[W]) -> W | None:
        """A widget that comes and goes, while it is there."""
        with suppress(NoMatches):
            return self._screen.query_one(kind)
        return None

    def find_late(self, name: str) -> Any:
        """The same by the name of its class, for one whose module is imported late."""
        with suppress(NoMatches):
            return self._screen.query_one(name)
        return None

    async def place(self, widget: Widget, within: str, *, first: bool = True) -> None:
        """Put a widget into the "#body", or into "#writing"."""
        await self._screen.query_one(within).mount(widget, before=0 if first else None)

    def focus_writing(self) -> None:
        """Bring the keyboard to the composer, from the conversation to the card of a call that waits."""
        card: Widget | None = self.find_late("ApprovalCard")
        if card is not None and card.display and self.transcript.has_focus:
            card.focus()
        else:
            self.composer.prompt.focus()

    async def ask(self, screen: Screen[T]) -> T:
        """Show a screen over the chat; what the person answers there."""
        return await self._screen.app.push_screen_wait(screen)

    def show(self, screen: Screen[T], gone: Callable[[T | None], None] | None = None) -> None:
        """Show a screen over the chat; `gone` is called once it was left."""
        self._screen.app.push_screen(screen, gone)

    @property
    def has_copied(self) -> bool:
        """Whether anything was copied here."""
        return bool(self._screen.app.clipboard)

    def copy(self, text: str) -> None:
        """Put text into the clipboard."""
        self._screen.app.copy_to_clipboard(text)

    def dress(self) -> None:
        """Wear the theme, and heed the keys, that are set now."""
        self._screen.post_message(self.LooksChosen())

    def speak(self) -> None:
        """Speak the language that is set now. What is on screen is built anew."""
        words.speak(self.house.settings.spoken_language)
        self._screen.post_message(self.LanguageChosen())

    # telling the person

    def tell(self, text: str, severity: Severity = "information") -> None:
        """Say something in passing."""
        timeout_s = 8 if severity == "error" else 4
        self._screen.app.notify(visible(text), severity=severity, markup=False, timeout=timeout_s)

    def complain(self, error: ChatError) -> None:
        """Say what is wrong and what to do."""
        self.tell(speech.explain(error), "error")

    def _explain(self, error: Exception) -> None:
        if isinstance(error, ChatError):
            self.complain(error)
        else:
            self.mistake(error)

    def mistake(self, error: Exception) -> None:
        """Have it said that something went wrong by a mistake of ours, and kept what it was."""
        self._screen.post_message(self.Mistaken(error))

    def refuse_nothing(self) -> None:
        """Say that there is nothing to do it with."""
        self.tell(t("ui.nothing_here"), "warning")
