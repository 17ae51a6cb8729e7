"""What becomes of the other answers to one request? Each is a message of its own beside the first one.

A request with `n` brings several choices, interleaved. The first is the answer of the turn; the others grow under ids
of their own and become its siblings when the turn ends, however it ends.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from tui_chat.chat.keeping import BlobStore
from tui_chat.chat.media import keep_media
from tui_chat.chat.node import Failure, Finish, Node, Timing, joined, new_id
from tui_chat.chat.probabilities import keep_logprobs
from tui_chat.engine import Engine
from tui_chat.wire.reply import Reply

CHOICES_AT_MOST = 128
"""More than that no request asks for; a stream that numbers its choices wildly makes no more messages."""


class Others:
    """The choices of an answer besides the first."""

    def __init__(self, begun: Node, reply: Reply) -> None:
        self._begun = begun
        self._reply = reply
        self._ids: dict[int, str] = {}

    def begin(self, choice: int) -> Node | None:
        """The message of a choice as it begins, the first time it is asked for; None for every later time."""
        if choice in self._ids or len(self._ids) >= CHOICES_AT_MOST:
            return None
        self._ids[choice] = new_id()
        return replace(self._begun, id=self._ids[choice])

    def begun(self, choice: int) -> Node | None:
        """The same for a choice that began before."""
        id = self._ids.get(choice)
        return replace(self._begun, id=id) if id is not None else None

    def so_far(self, timing: Timing, *, every: bool = False) -> tuple[Node, ...]:
        """As they stand, each marked as interrupted until it is known to be whole; those with a word, or `every`."""
        found = []
        for choice, id in sorted(self._ids.items()):
            parts = joined(self._begun.parts, self._reply.parts(choice))
            if every or parts != self._begun.parts:
                node = replace(self._begun, id=id, parts=parts, finish="interrupted", timing=timing)
                found.append(replace(node, request_id=self._reply.request_id))
        return tuple(found)

    async def ended(
        self,
        like: Node,
        finishes: Mapping[str, Finish],
        failure: Failure | None,
        *,
        stopped: bool,
        engine: Engine,
        blobs: BlobStore,
        temporary: bool,
    ) -> tuple[Node, ...]:
        """As they ended.

        Args:
            like: the first answer, for what is true of all; its usage counts all of them and stays with it.
            finishes: what each finish reason means.
            failure: why the turn broke off; of those that had not ended by then.
            stopped: whether the person broke it off.
            engine: where the disk is waited for.
            blobs: where bytes are kept.
            temporary: whether nothing of the chat is to be on disk.
        """
        found = []
        choices = {id: choice for choice, id in self._ids.items()}
        for node in self.so_far(like.timing, every=True):
            said = self._reply.choice(choices[node.id])
            media = await keep_media(said, node.values, node.text, engine, blobs)
            if node.parts == self._begun.parts and not media:
                continue
            finish = finishes.get(said.finish_reason or "")
            cut: Finish = "stopped" if stopped else "interrupted"
            found.append(
                replace(
                    node,
                    parts=(*node.parts, *media),
                    finish=finish or cut,
                    failure=None if finish else failure,
                    answered_by=like.answered_by,
                    completion_id=like.completion_id,
                    created=like.created,
                    service_tier=like.service_tier,
                    system_fingerprint=like.system_fingerprint,
                    blocked=", ".join(said.blocked),
                    logprobs=await keep_logprobs(said.logprobs, engine, blobs, temporary=temporary),
                )
            )
        return tuple(found)
