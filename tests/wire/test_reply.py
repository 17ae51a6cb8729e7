"""Folding deltas: choices, tool calls, restarts, ends."""

import pytest

from tui_chat.wire.delta import AudioDelta, Delta, ToolCallDelta
from tui_chat.wire.messages import Citation, Reasoning, Refusal, Text, ToolCall, Usage
from tui_chat.wire.reply import Grown, Reply


def folded(*deltas):
    reply = Reply()
    return reply, [reply.fold(delta) for delta in deltas]


def call(index=None, id="", name="", arguments=""):
    return Delta(tool_calls=(ToolCallDelta(index, id, name, arguments),))


def test_text_and_reasoning_grow_by_what_came():
    reply, grown = folded(
        Delta(reasoning="Let "), Delta(reasoning="me."), Delta(text="Hi"), Delta(finish_reason="stop")
    )
    assert grown == [Grown(0, "", "Let "), Grown(0, "", "me."), Grown(0, "Hi"), Grown(0)]
    assert (reply.text, reply.reasoning, reply.finish_reason, reply.complete) == ("Hi", "Let me.", "stop", True)


def test_what_grew_adds_up_to_what_is_there():
    reply, grown = folded(*(Delta(text=c) for c in "<think>a b</think>\n\n1 < 2 <"), Delta(finish_reason="stop"))
    assert "".join(g.text for g in grown) == reply.text == "1 < 2 <"
    assert "".join(g.reasoning for g in grown) == reply.reasoning == "a b"


def test_what_is_held_back_is_in_the_text_and_comes_out_at_the_close():
    reply, grown = folded(Delta(text="a"), Delta(text=" </th"))
    assert [g.text for g in grown] == ["a", " "]
    assert reply.text == "a </th"
    assert reply.parts() == (Text("a </th"),)
    assert reply.close() == (Grown(0, "</th"),)
    assert reply.text == "a </th"
    assert not reply.complete


def test_a_lost_opening_mark_moves_what_was_told_into_reasoning():
    reply, grown = folded(Delta(text="thinking"), Delta(text="\n</think>\n\nanswer"))
    assert grown[1] == Grown(0, "answer", "thinking", restarted=True)
    assert (reply.text, reply.reasoning, reply.restarted) == ("answer", "thinking", False)


def test_surrogate_halves_split_over_deltas_make_one_character():
    reply, grown = folded(Delta(text="a\ud83d"), Delta(text="\ude00b"), Delta(text="\ud800"), Delta(text="c"))
    assert [g.text for g in grown] == ["a", "😀b", "", "\ufffdc"]
    assert reply.text == "a😀b\ufffdc"


def test_choices_are_apart():
    reply, grown = folded(Delta(text="a"), Delta(choice=2, text="c"), Delta(choice=2, finish_reason="length"))
    assert [g.choice for g in grown] == [0, 2, 2]
    assert (reply.choice(2).text, reply.choice(2).finish_reason) == ("c", "length")
    assert not reply.complete
    assert reply.choice(7).text == ""


def test_the_last_usage_wins_and_makes_no_choice():
    reply, _ = folded(Delta(usage=Usage(1)), Delta(usage=Usage(2)), Delta(text="x"), Delta(id="y", model="m"))
    assert reply.usage == Usage(2)
    reply, _ = folded(Delta(usage=Usage(1), id="x"))
    assert (reply.choices, reply.complete, reply.id) == ({}, False, "x")


def test_a_full_message_after_its_pieces_is_not_added_again():
    reply, _ = folded(Delta(text="Hel"), Delta(text="lo"), Delta(text="Hello", whole=True, finish_reason="stop"))
    assert (reply.text, reply.complete) == ("Hello", True)
    reply, _ = folded(Delta(text="Hello", whole=True, finish_reason="stop"))
    assert (reply.text, reply.complete) == ("Hello", True)


class TestToolCalls:
    @pytest.mark.parametrize(
        ("deltas", "calls"),
        [
            ([call(0, "a", "f", ""), call(0, arguments='{"x":'), call(0, arguments="1}")], [("a", "f", '{"x":1}')]),
            ([call(3, "b", "g"), call(1, "a", "f")], [("a", "f", "{}"), ("b", "g", "{}")]),
            ([call(0, "a", "f", "{"), call(0, "a", "f", "}")], [("a", "f", "{}")]),
            ([call(0, "a", "f", "{"), call(0, "z", "", "}")], [("a", "f", "{}")]),
            ([call(0, "a", "f", "{}"), call(0, "b", "f", "{}")], [("a", "f", "{}"), ("b", "f", "{}")]),
            (
                [call(0, "a", "f"), call(0, "b", "g"), call(0, arguments='{"y":2}')],
                [("a", "f", "{}"), ("b", "g", '{"y":2}')],
            ),
            ([call(None, "a", "f", "{}"), call(None, "b", "g", "{}")], [("a", "f", "{}"), ("b", "g", "{}")]),
            ([call(None, "a", "f", "{"), call(None, "", "", "}")], [("a", "f", "{}")]),
            (
                [call(None, "a", "f", "{"), call(None, "b", "g", "{}"), call(None, "a", "", "}")],
                [("a", "f", "{}"), ("b", "g", "{}")],
            ),
            ([call(None, "", "f", '{"x":1}'), call(None, "", "g", "{}")], [("", "f", '{"x":1}'), ("", "g", "{}")]),
            ([call(0, "", "f"), call(0, "a", "f", "{}")], [("a", "f", "{}")]),
            ([call(0, "a", "f", "\ud83d"), call(0, arguments="\ude00")], [("a", "f", "😀")]),
        ],
    )
    def test_pieces_find_their_call(self, deltas, calls):
        reply, _ = folded(*deltas)
        assert reply.tool_calls == tuple(ToolCall(*call) for call in calls)

    def test_whole_calls_ended_by_stop_are_calls(self):
        assert folded(call(0, "a", "f", '{"x":1}'), Delta(finish_reason="stop"))[0].finish_reason == "tool_calls"
        assert folded(call(0, "a", "f", '{"x":'), Delta(finish_reason="stop"))[0].finish_reason == "stop"
        assert folded(call(0, "a", "f", "{}"), Delta(finish_reason="length"))[0].finish_reason == "length"

    def test_a_later_stop_does_not_hide_the_reason(self):
        reply, _ = folded(Delta(finish_reason="length"), Delta(finish_reason="stop"))
        assert reply.finish_reason == "length"


class TestRestarts:
    def test_a_new_id_with_content_starts_the_choice_afresh(self):
        reply, grown = folded(
            Delta(id="a", role="assistant"),
            Delta(id="a", text="old"),
            Delta(id="b", text="ne"),
            Delta(id="b", text="w"),
        )
        assert grown[2:] == [Grown(0, "ne", restarted=True), Grown(0, "w")]
        assert (reply.text, reply.id, reply.restarted) == ("new", "b", True)
        assert [choice.text for choice in reply.abandoned[0]] == ["old"]

    def test_tool_arguments_do_not_mix(self):
        pieces = (ToolCallDelta(0, "x", "f", '{"a":'),)
        reply, _ = folded(
            Delta(id="a", role="assistant"),
            Delta(id="a", tool_calls=pieces),
            Delta(id="b", tool_calls=(ToolCallDelta(0, "y", "f", "{}"),)),
        )
        assert reply.tool_calls == (ToolCall("y", "f", "{}"),)

    @pytest.mark.parametrize("role", ["", "assistant"])
    def test_upstreams_that_give_every_chunk_an_id_lose_nothing(self, role):
        reply, _ = folded(*(Delta(id=f"id{n}", role=role, text=c) for n, c in enumerate("abcdef")))
        assert (reply.text, reply.restarted) == ("abcdef", False)

    def test_what_was_told_can_always_be_rebuilt(self):
        reply, shown = Reply(), ""
        for delta in [Delta(id=f"id{n}", role="assistant", text=c) for n, c in enumerate("abcdef")]:
            grown = reply.fold(delta)
            shown = grown.text if grown.restarted else shown + grown.text
        assert shown == reply.text == "abcdef"

    @pytest.mark.parametrize(
        "stray", [Delta(id="z", usage=Usage(1)), Delta(id="z", finish_reason="stop"), Delta(id="z")]
    )
    def test_a_new_id_without_content_restarts_nothing(self, stray):
        reply, _ = folded(Delta(id="a", text="x"), Delta(id="a", text="y"), stray, Delta(id="a", text="z"))
        assert (reply.text, reply.restarted) == ("xyz", False)


def test_sound_is_joined_from_pieces_decoded_one_by_one():
    reply, grown = folded(
        Delta(audio=AudioDelta("a", "QQ==", "He")),
        Delta(audio=AudioDelta("", "QkM", "llo")),
        Delta(audio=AudioDelta("", "!", "")),
        Delta(finish_reason="stop"),
        Delta(audio=AudioDelta(expires_at=9)),
    )
    audio = reply.audio
    assert audio is not None
    assert (audio.id, audio.data, audio.transcript, audio.expires_at) == ("a", b"ABC", "Hello", 9)
    assert (reply.text, reply.parts()) == ("", (Text("Hello"),))
    assert "".join(g.text for g in grown) == "Hello"


def test_text_after_a_transcript_takes_its_place():
    reply, grown = folded(Delta(audio=AudioDelta("a", "", "spoken")), Delta(text="written"))
    assert grown[1] == Grown(0, "written", restarted=True)
    assert reply.parts() == (Text("written"),)


def test_sources_and_pictures_are_kept_once():
    reply, _ = folded(
        Delta(text="x", citations=(Citation("u"),), images=("i",)),
        Delta(text="y", citations=(Citation("u", "U"), Citation("v")), images=("i", "j")),
    )
    assert reply.citations == (Citation("u", "U"), Citation("v"))
    assert reply.images == ("i", "j")


def test_parts_stand_in_their_order():
    reply, _ = folded(
        Delta(refusal="no"),
        Delta(text="t", reasoning="r", citations=(Citation("u"),)),
        call(0, "a", "f", "{}"),
        Delta(finish_reason="tool_calls"),
    )
    assert reply.parts() == (Reasoning("r"), Text("t"), Refusal("no"), ToolCall("a", "f", "{}"), Citation("u"))
    assert reply.parts(5) == ()


def test_facts_of_the_whole_are_the_first_that_came():
    about = Delta(text="x", id="a", model="m", service_tier="flex", system_fingerprint="fp", request_id="r")
    reply, _ = folded(about, Delta(text="y", model="other"))
    assert (reply.id, reply.model, reply.service_tier, reply.system_fingerprint, reply.request_id) == (
        "a",
        "m",
        "flex",
        "fp",
        "r",
    )
