"""How deltas become an answer: folded by choice and tool index, whole at any moment.

Deltas that nobody folds are lost, and nothing else keeps an answer: the tree holds what `parts` gives.
"""

from __future__ import annotations

from msgspec import Struct

from tui_chat.wire.choice import ChoiceReply, Spoken
from tui_chat.wire.delta import Delta
from tui_chat.wire.messages import Citation, Part, Reasoning, Refusal, Text, ToolCall, Usage

_NOTHING = ChoiceReply()


class Grown(Struct, frozen=True):
    """What one delta added to what is shown of one choice."""

    choice: int
    text: str = ""
    reasoning: str = ""
    restarted: bool = False
    """What was told of this choice before is void: `text` and `reasoning` are all of it. The gateway began its answer
    anew, or what looked like text turned out to be reasoning."""


class Reply:
    """An answer as it stands. Text, reasoning and the like without a choice mean choice 0."""

    def __init__(self) -> None:
        self.choices: dict[int, ChoiceReply] = {}
        self.usage: Usage | None = None
        self.id = ""
        self.created = 0
        """When the gateway says that it was made, in seconds since 1970; 0 where it did not say."""
        self.model = ""
        self.service_tier = ""
        self.system_fingerprint = ""
        self.request_id = ""
        self.abandoned: dict[int, list[ChoiceReply]] = {}
        """What a choice had said each time the gateway began its answer anew, oldest first."""
        self._ids_mean_nothing = False

    def fold(self, delta: Delta) -> Grown:
        """Add what a delta says; returns what it adds to what is shown."""
        self._about(delta)
        says = delta.says_something
        choice = self.choices.get(delta.choice)
        if choice is None:
            if not (says or delta.finish_reason or delta.role or delta.whole or delta.citations or delta.logprobs):
                return Grown(delta.choice)  # usage and the like alone make no choice
            choice = self.choices[delta.choice] = ChoiceReply()
        restarted = says and bool(delta.id) and delta.id != choice.id and self._restarts(choice, delta)
        if restarted:
            choice = self.choices[delta.choice]
        if delta.id:
            choice.note_id(delta, says)
        added = choice.fold(delta)
        if restarted or added.anew:
            return Grown(delta.choice, *choice.given, restarted=True)
        return Grown(delta.choice, added.text, added.reasoning)

    def close(self) -> tuple[Grown, ...]:
        """Let go of what was held back as a possible mark, where the answer ended without a finish reason."""
        grown = ((number, choice.close()) for number, choice in self.choices.items())
        return tuple(
            Grown(number, piece.text, piece.reasoning) for number, piece in grown if piece.text or piece.reasoning
        )

    def choice(self, number: int = 0) -> ChoiceReply:
        """One choice of the answer; an empty one where nothing came of it."""
        return self.choices.get(number, _NOTHING)

    @property
    def complete(self) -> bool:
        """Whether every choice ended as an answer should: not interrupted, cut or paused."""
        return bool(self.choices) and all(choice.is_complete for choice in self.choices.values())

    @property
    def restarted(self) -> bool:
        """Whether the gateway began an answer anew in mid-stream."""
        return bool(self.abandoned)

    @property
    def text(self) -> str:
        """The words of choice 0."""
        return self.choice().text

    @property
    def reasoning(self) -> str:
        """What the model thought before choice 0."""
        return self.choice().reasoning

    @property
    def refusal(self) -> str:
        """The words of refusal of choice 0."""
        return self.choice().refusal

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls choice 0 asks for."""
        return self.choice().tool_calls

    @property
    def finish_reason(self) -> str | None:
        """Why choice 0 ended: stop, length, tool_calls, content_filter, interrupted, pause; None while it has not."""
        return self.choice().finish_reason

    @property
    def images(self) -> tuple[str, ...]:
        """URLs and data URIs of the pictures of choice 0."""
        return self.choice().images

    @property
    def audio(self) -> Spoken | None:
        """The sound of choice 0."""
        return self.choice().audio

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources that any choice names, each once."""
        choices = (self.choices[number] for number in sorted(self.choices))
        return tuple(dict.fromkeys(citation for choice in choices for citation in choice.citations))

    def parts(self, choice: int = 0) -> tuple[Part, ...]:
        """A choice as parts of a message: reasoning, text, refusal, tool calls, sources.

        A spoken answer without text gives its transcript as text. Pictures and sound need a place for their bytes and
        are left to the caller (`images`, `audio`).
        """
        said = self.choice(choice)
        spoken = said.audio
        text = said.text or (spoken.transcript if spoken is not None else "")
        parts: list[Part] = []
        if said.reasoning.strip():
            parts.append(Reasoning(said.reasoning))
        if text:
            parts.append(Text(text))
        if said.refusal:
            parts.append(Refusal(said.refusal))
        return (*parts, *said.tool_calls, *said.citations)

    def _about(self, delta: Delta) -> None:
        if delta.usage is not None:
            self.usage = delta.usage
        if delta.id and not self.id:
            self.id = delta.id
        if delta.model and not self.model:
            self.model = delta.model
        self.created = self.created or delta.created
        self.service_tier = self.service_tier or delta.service_tier
        self.system_fingerprint = self.system_fingerprint or delta.system_fingerprint
        self.request_id = self.request_id or delta.request_id

    def _restarts(self, choice: ChoiceReply, delta: Delta) -> bool:
        """Whether the gateway begins its answer anew with this delta: then the choice starts afresh.

        The sign is content under a new chunk id, after content under another id that at least two chunks bore, or with
        a role as answers begin. Upstreams that give every chunk an id of its own are told by a third id in a row; what
        was put aside is then joined again.
        """
        if self._ids_mean_nothing or not choice.id or not choice.has_content or delta.whole:
            return False
        earlier = self.abandoned.get(delta.choice, [])
        if choice.chunks < 2 and earlier and earlier[-1].chunks < 2:
            self._ids_mean_nothing = True
            joined = self.choices[delta.choice] = ChoiceReply()
            for early in (*self.abandoned.pop(delta.choice)[-1].early, *choice.early):
                joined.fold(early)
            return True
        if choice.chunks < 2 and not delta.role:
            return False
        self.abandoned.setdefault(delta.choice, []).append(choice)
        self.choices[delta.choice] = ChoiceReply()
        self.id, self.model = delta.id, delta.model or self.model
        return True
