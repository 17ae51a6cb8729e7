"""`yibu-chat ask`: one question, its answer on stdout as it comes, through the same desk as the screen's."""

from __future__ import annotations

import queue
import sys
from argparse import Namespace

from tui_chat.chat.desk import View
from tui_chat.chat.events import Event
from tui_chat.cli import EXIT_INTERRUPTED, EXIT_WHOLE, complain, media
from tui_chat.cli.asking import connected, schema_format, typed_values, warn
from tui_chat.cli.conversation import Conversation
from tui_chat.cli.presets import take_preset
from tui_chat.cli.servers import check_approved, start_servers_of
from tui_chat.disk import expanded
from tui_chat.errors import StoreError, UsageError
from tui_chat.store.places import places
from tui_chat.wire import params
from tui_chat.wire.messages import Message, Part, Text
from tui_chat.wire.params import Value
from tui_chat.wiring import House

STDIN_LIMIT_BYTES = 32 * 1024 * 1024
TOP_LOGPROBS = 5
"""Tokens at each place that `--logprobs` asks for, where `--set` names no other number."""


def run(options: Namespace) -> int:
    """Ask, print, return the exit code."""
    values = take_preset(options, places(), typed_values(options.values))
    if options.no_stream:
        values["stream"] = False
    if options.count:
        values["n"] = params.parse("n", options.count)
    if options.logprobs:
        values["logprobs"] = True
        values.setdefault("top_logprobs", TOP_LOGPROBS)
    if options.schema:
        values["response_format"] = schema_format(options.schema)
    if options.prediction:
        values["prediction"] = media.prediction(options.prediction)
    named = dict.fromkeys(name for names in options.tools for name in names)
    allowed = frozenset(name for names in options.allowed for name in names)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    house = House(events.put)
    try:
        target = media.sound_target(options.audio_out, house)
        if target is not None:
            values = media.sound_values(target, values)
        parts = _parts(options, house)
        with connected(house, options):
            start_servers_of(house, (*named, *allowed))
            tools = _known(house, (*named, *sorted(allowed - named.keys())))
            view = _chat(options, house, values, tools, anew=bool(named))
            if view.read_only is not None:
                raise view.read_only
            tree = view.conversation
            said = (tree.node(id).message() for id in tree.path())
            head = tree.head
            start_servers_of(house, head.tools, needed=False)
            sent = [Message("system", (Text(head.system),)), *said, Message("user", parts)]
            warn(head.values, head.model, sent, tools=head.tools)
            conversation = Conversation(house, head.id, events, json=options.json, allowed=allowed)
            code = conversation.hold(parts)
            if target is not None and code in (EXIT_WHOLE, EXIT_INTERRUPTED):
                code = media.write_sounds(house, conversation.answers, target) or code
            return code
    finally:
        house.close()


def _parts(options: Namespace, house: House) -> tuple[Part, ...]:
    prompt = " ".join(options.prompt)
    if not sys.stdin.isatty():
        piped = sys.stdin.buffer.read(STDIN_LIMIT_BYTES + 1)
        if len(piped) > STDIN_LIMIT_BYTES:
            raise UsageError("error.stdin_too_large", megabytes=STDIN_LIMIT_BYTES // 1024 // 1024)
        prompt = "\n\n".join(text for text in (prompt, piped.decode("utf-8", "replace").strip("\n")) if text)
    parts = _attached(options, house) if options.images or options.files else []
    parts += media.uploaded(options.file_ids)
    if not prompt.strip() and not parts:
        raise UsageError("error.nothing_asked")
    return (*parts, Text(prompt)) if prompt.strip() else tuple(parts)


def _attached(options: Namespace, house: House) -> list[Part]:
    from tui_chat.attach import attach_file, image_url
    from tui_chat.attach.sources import is_image_url

    limit = house.settings.attachment_limit_bytes
    parts: list[Part] = []
    for source in [*options.images, *options.files]:
        if is_image_url(source):
            parts.append(image_url(source))
            continue
        attached = attach_file(
            expanded(source),
            keep=house.blobs.keep,
            limit_bytes=limit,
            as_text=True,
            private=(house.places.credentials_file,),
            image_limit_px=house.settings.image_limit_px,
        )
        parts.append(attached.part)
    return parts


def _known(house: House, names: tuple[str, ...]) -> tuple[str, ...]:
    """These tools; raises UsageError for one that there is not."""
    tools = house.toolbox().tools if names else {}
    for name in names:
        if name not in tools:
            check_approved(house, name)
            raise UsageError("error.tools_unknown", name=name, names=", ".join(tools))
    return names


def _chat(options: Namespace, house: House, values: dict[str, Value], tools: tuple[str, ...], *, anew: bool) -> View:
    """The chat to speak in; `tools` are switched on in it, `anew`: and no others."""
    engine, desk = house.engine, house.desk
    chat = house.library.find(options.chat) if options.chat else house.library.latest() if options.last else None
    if chat is None:
        if options.last:
            raise StoreError("error.no_chat_yet")
        head = house.new_head(
            model=options.model,
            system=options.system,
            values=values,
            tools=tools,
            temporary=options.no_save,
        )
        return engine.submit(desk.new(head)).result()
    view = engine.submit(desk.open(chat)).result()
    for note in view.notes:
        if note.key == "error.call_unknown":  # what a tool may have done is for the person to look at
            complain(note)
    head = view.conversation.head
    changes: dict[str, object] = {}
    if options.model or (house.connection is not None and house.connection.local_model):
        changes["model"] = options.model or (house.connection.local_model if house.connection else "")
    if options.system:
        changes["system"] = options.system
    if values:
        changes["values"] = {**head.values, **values}
    if tools:
        changes["tools"] = tools if anew else tuple(dict.fromkeys((*head.tools, *tools)))
    if changes and view.read_only is None:
        engine.submit(desk.set_head(chat, **changes)).result()
    return view
