"""How one choice of an answer grows: its words, thoughts, tool calls, pictures and sound, piece by piece.

Pieces are kept in lists and joined when asked for, so that an answer of a hundred thousand pieces stays cheap.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error

from msgspec import Struct, field

from tui_chat.wire.delta import AudioDelta, Delta, ToolCallDelta
from tui_chat.wire.dialect import whole_text
from tui_chat.wire.json_text import is_json_object
from tui_chat.wire.logprobs import Logprobs, Token
from tui_chat.wire.marks import Marks, Sorted
from tui_chat.wire.messages import Citation, ToolCall


class Spoken(Struct, frozen=True):
    """A spoken answer."""

    id: str
    data: bytes
    """As it came, decoded from base64: what the request asked for, or raw 16-bit mono samples at 24 kHz."""
    transcript: str
    expires_at: int | None = None


class _Call(Struct):
    order: int
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def text(self) -> str:
        return whole_text("".join(self.arguments)) or "{}"

    def is_whole(self) -> bool:
        return bool(self.name) and is_json_object(self.text())


class Pairing:
    """Puts surrogate halves together that were split over two pieces; what stays alone becomes U+FFFD."""

    def __init__(self) -> None:
        self._high = ""

    def feed(self, piece: str) -> str:
        """The piece with whole characters only; a high half at its end waits for the next piece."""
        if not self._high and piece.isascii():
            return piece
        piece = self._high + piece
        self._high = ""
        try:
            piece.encode()
        except UnicodeEncodeError:
            if "\ud800" <= piece[-1] <= "\udbff":
                piece, self._high = piece[:-1], piece[-1]
            piece = whole_text(piece)
        return piece


class ChoiceReply:
    """One choice of an answer."""

    def __init__(self) -> None:
        self.id = ""
        """The chunk id its content came under."""
        self.chunks = 0
        """How many pieces came under that id."""
        self.early: list[Delta] = []
        """The pieces from before its id was seen twice."""
        self.has_content = False
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._refusal: list[str] = []
        self._marks = Marks()
        self._pairing = Pairing(), Pairing()
        self._calls: list[_Call] = []
        self._slots: dict[int, _Call] = {}
        self._images: list[list[str]] = []
        """The pieces of each picture's URL."""
        self._citations: dict[tuple[str, int | None, int | None], Citation] = {}
        self._audio_id = ""
        self._audio: list[bytes] = []
        self._transcript: list[str] = []
        self._audio_expires_at: int | None = None
        self._finish: str | None = None
        self._blocked: dict[str, None] = {}
        self._tokens: tuple[list[Token], list[Token]] = [], []

    def note_id(self, delta: Delta, says_something: bool) -> None:
        """Count the pieces that come under one chunk id; a new id counts where it comes with content."""
        if says_something or not self.id:
            self.chunks = 0 if delta.id != self.id else self.chunks
            self.id = delta.id
        if delta.id == self.id:
            self.chunks += delta.events
            if self.chunks < 2:
                self.early.append(delta)

    @property
    def given(self) -> tuple[str, str]:
        """Text and reasoning as told so far, without what is held back as a possible mark."""
        return "".join(self._text) or "".join(self._transcript), "".join(self._reasoning)

    @property
    def text(self) -> str:
        """The answer's words, without thoughts and pictures."""
        return "".join(self._text) + self._marks.pending.text

    @property
    def reasoning(self) -> str:
        """What the model thought, from whatever field or mark it came."""
        return "".join(self._reasoning) + self._marks.pending.reasoning

    @property
    def refusal(self) -> str:
        """The model's words of refusal; "" where it did not refuse."""
        return whole_text("".join(self._refusal))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls asked for, by index; empty arguments are `{}`."""
        return tuple(
            ToolCall(call.id, call.name, call.text()) for call in sorted(self._calls, key=lambda call: call.order)
        )

    @property
    def images(self) -> tuple[str, ...]:
        """URLs and data URIs of pictures, each once."""
        return tuple(dict.fromkeys((*map("".join, self._images), *self._marks.images)))

    @property
    def audio(self) -> Spoken | None:
        """The spoken answer, if there is one."""
        if not (self._audio_id or self._audio or self._transcript):
            return None
        transcript = whole_text("".join(self._transcript))
        return Spoken(self._audio_id, b"".join(self._audio), transcript, self._audio_expires_at)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Sources, each once, in the order they were named."""
        return tuple(self._citations.values())

    @property
    def logprobs(self) -> Logprobs | None:
        """How likely its tokens were, those of words and those of a refusal; None where that was not told."""
        said, refused = self._tokens
        return Logprobs(tuple(said), tuple(refused)) if said or refused else None

    @property
    def blocked(self) -> tuple[str, ...]:
        """What a content filter found in it, by its own names."""
        return tuple(self._blocked)

    @property
    def finish_reason(self) -> str | None:
        """Why it ended; "tool_calls" wherever whole calls came with an ordinary stop; None while it has not."""
        if self._finish == "stop" and self._calls and all(call.is_whole() for call in self._calls):
            return "tool_calls"
        return self._finish

    @property
    def is_complete(self) -> bool:
        """Whether it ended as an answer should."""
        return self._finish not in (None, "interrupted", "pause")

    def fold(self, delta: Delta) -> Sorted:
        """Add a piece; returns what it adds to text and reasoning."""
        if delta.whole and self.has_content:
            # A stream that ends with its full message: only what the pieces did not bring is new.
            self._about(delta)
            self._weigh(delta, anew=True)
            return self._ended(delta, [])
        self._weigh(delta)
        grown: list[Sorted] = []
        if delta.reasoning:
            self._marks.no_lone_closing()
            grown.append(self._keep(Sorted(reasoning=self._pairing[1].feed(delta.reasoning))))
        if delta.text:
            spoke = bool(self._transcript) and not self._text
            sorted_ = self._keep(self._marks.feed(self._pairing[0].feed(delta.text)))
            if spoke and sorted_.text:  # the transcript stood in for the text until now
                sorted_ = Sorted(sorted_.text, self.reasoning, anew=True)
            grown.append(sorted_)
        if delta.refusal:
            self._refusal.append(delta.refusal)
        for position, piece in enumerate(delta.tool_calls):
            self._tool_call(position, piece)
        for url in delta.images:
            self._see(url)
        if delta.audio is not None:
            self._hear(delta.audio)
            if not self._text and delta.audio.transcript:
                grown.append(Sorted(whole_text(delta.audio.transcript)))
        self._about(delta)
        return self._ended(delta, grown)

    def close(self) -> Sorted:
        """Let go of what was held back as a possible mark: the answer is over."""
        return self._keep(self._marks.flush())

    def cite(self, citation: Citation) -> None:
        """Add a source, once; a title told later is taken over."""
        place = (citation.url, citation.start, citation.end)
        known = self._citations.get(place)
        if known is None or (citation.title and not known.title):
            self._citations[place] = citation

    def _weigh(self, delta: Delta, *, anew: bool = False) -> None:
        """Add how likely the tokens of a piece were; a full message's stand for those of its pieces."""
        if delta.logprobs is not None:
            for kept, came in zip(self._tokens, delta.logprobs, strict=True):
                if anew:
                    kept.clear()
                kept.extend(came)

    def _about(self, delta: Delta) -> None:
        for citation in delta.citations:
            self.cite(citation)
        self._blocked.update(dict.fromkeys(delta.blocked))
        self.has_content = self.has_content or delta.says_something

    def _ended(self, delta: Delta, grown: list[Sorted]) -> Sorted:
        if delta.finish_reason is not None:
            if self._finish is None or delta.finish_reason != "stop":
                self._finish = delta.finish_reason
            grown.append(self.close())
        if len(grown) == 1:
            return grown[0]
        anew = [position for position, piece in enumerate(grown) if piece.anew]
        grown = grown[anew[-1] :] if anew else grown
        text, reasoning = "".join(piece.text for piece in grown), "".join(piece.reasoning for piece in grown)
        return Sorted(text, reasoning, bool(anew))

    def _keep(self, piece: Sorted) -> Sorted:
        if piece.anew:
            self._text.clear()
            self._reasoning.clear()
        if piece.text:
            self._text.append(piece.text)
        if piece.reasoning:
            self._reasoning.append(piece.reasoning)
        return piece

    def _tool_call(self, position: int, piece: ToolCallDelta) -> None:
        call = self._find(position, piece)
        if call is None:
            order = piece.index if piece.index is not None else len(self._calls)
            call = _Call(order)
            self._calls.append(call)
            self._slots[piece.index if piece.index is not None else position] = call
        call.id = call.id or piece.id
        call.name = call.name or piece.name
        if piece.arguments:
            call.arguments.append(piece.arguments)

    def _find(self, position: int, piece: ToolCallDelta) -> _Call | None:
        """The call a piece belongs to: by id, by index, by place; None where it begins a new one."""
        if piece.index is None and piece.id:
            return next((call for call in self._calls if call.id == piece.id), None)
        call = self._slots.get(piece.index if piece.index is not None else position)
        if call is None:
            return None
        if piece.id and piece.name and call.id and piece.id != call.id:
            return next((other for other in self._calls if other.id == piece.id), None)
        if piece.index is None and piece.name and call.is_whole() and call.arguments:
            return None  # neither index nor id: a name after whole arguments begins the next call
        return call

    def _see(self, url: str) -> None:
        """Add a picture's URL, or the next piece of a data URI: that alone goes on without a scheme of its own."""
        if ":" not in url and self._images and self._images[-1][0].startswith("data:"):
            self._images[-1].append(url)
        else:
            self._images.append([url])

    def _hear(self, audio: AudioDelta) -> None:
        self._audio_id = self._audio_id or audio.id
        if audio.transcript:
            self._transcript.append(audio.transcript)
        if audio.expires_at is not None:
            self._audio_expires_at = audio.expires_at
        if audio.data:
            data = audio.data.partition(";base64,")[2] or audio.data
            try:
                self._audio.append(b64decode(data + "=" * (-len(data) % 4)))
            except (Base64Error, ValueError):
                return  # a broken piece of sound is silence, not a broken answer
