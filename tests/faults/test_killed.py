"""Rows 57 to 60: killed at any moment, every chat opens and nothing acknowledged is lost.

The mass of it is done with whole houses that share their start (`house_killed.py`), a few with the whole program, from
its command line and on its screen. YIBU_FAULTS_KILLS=1000 and YIBU_FAULTS_PROGRAM_KILLS=60 are the long form.
"""

import itertools
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.stage import READY, inherited, sessions, start
from tests.gateway.answers import DONE, Pause, sse
from tests.gateway.upstreams import openai
from tests.long_form import long_form
from tests.terminal.program import needs_pty
from tui_chat.chat.growing import KEEP_EVERY_S
from tui_chat.store.places import places
from tui_chat.store.sessions import Library

pytestmark = needs_pty
SLACK_S = 1.0
"""A machine that is busy with other tests writes later than it was asked to."""


def opened(home: Path) -> dict[str, list[str]]:
    """The texts of every chat, by chat; fails where one does not open whole."""
    library = Library(places({"YIBU_CHAT_HOME": str(home / "yibu-chat")}))
    found = {}
    for summary in library.summaries():
        assert not summary.damaged, summary
        chat = library.open(summary.id)
        assert chat.read_only is None, chat.read_only
        tree = chat.conversation
        found[summary.id] = [tree.node(id).text for id in tree.path()]
        assert not any(tree.node(id).altered for id in tree.path())
        chat.journal.close()
    return found


def endless(gateway) -> None:
    gateway.respond(
        sse(
            *(piece for n in range(300) for piece in (openai({"content": f"word{n} "}), Pause(0.003))),
            openai({}, "stop"),
            DONE,
        )
    )


def test_row_57_a_house_killed_at_any_moment_loses_nothing_it_acknowledged(gateway, own_home, record_property):
    """What was settled is there word for word; of an answer that grew, at most the last second or 4 KB is missing."""
    kills, texts = long_form("KILLS", 12), itertools.cycle([(6, 0.005), (200, 0.004)])

    def respond(_request):
        words, pause_s = next(texts)
        starts = range(0, 300 * words, words)
        pieces = ["".join(f"word{number} " for number in range(at, at + words)) for at in starts]
        return sse(
            *(step for piece in pieces for step in (openai({"content": piece}), Pause(pause_s))),
            openai({}, "stop"),
            DONE,
        )

    gateway.respond(respond)
    env = inherited(gateway)
    command = [sys.executable, "-m", "tests.faults.house_killed", str(own_home / "yibu-chat"), str(kills)]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True, timeout=60 + kills * 2)
    found = json.loads(done.stdout)
    for name, value in found.items():
        record_property(name, len(value) if isinstance(value, list) else value)
    assert found["lost_or_wrong"] == []
    assert found["kills"] == kills <= found["acknowledged"]
    assert found["partial_answers"] > 0 or kills < 200
    assert found["most_seconds_missing"] < KEEP_EVERY_S + SLACK_S
    assert found["most_characters_missing_after_250_ms"] <= 4096 or kills < 200  # a daily run may have no processor


def test_row_57_ask_killed_while_it_streams_loses_nothing(gateway, own_home, record_property):
    """Once the answer has begun, the question is acknowledged; what was printed a second ago is kept."""
    chance = random.Random(57)
    endless(gateway)
    env = inherited(gateway)
    asked: list[str] = []
    for number in range(long_form("PROGRAM_KILLS", 2)):
        question = f"question {number} "
        more = ["-c"] if asked and chance.random() < 0.6 else ["-m", "m"]
        command = [sys.executable, "-m", "tui_chat", "ask", *more, question]
        with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            begun = child.stdout.read(1)
            time.sleep(chance.random() ** 2 * 0.4)
            child.send_signal(signal.SIGKILL)
            child.wait()
        if begun:
            asked.append(question)
        texts = [text for chat in opened(own_home).values() for text in chat]
        assert set(asked) <= set(texts)
    assert asked
    record_property("kills_of_ask", number + 1)


def test_row_57_the_screen_killed_while_it_sends_and_streams_loses_nothing(gateway, own_home, record_property):
    chance = random.Random(570)
    endless(gateway)
    shown: list[str] = []
    for number in range(long_form("PROGRAM_KILLS", 1)):
        with start(gateway, "-m", "m") as program:
            program.wait_for(READY)
            for turn in range(chance.randrange(1, 3)):
                question = f"question {number} {turn} "
                program.say(question)
                if turn == 0:
                    program.wait_for(lambda text, q=question: q.strip() in text and "word1" in text)
                    shown.append(question.strip())
            time.sleep(chance.random() * 0.3)
            program.kill()
        texts = [text.strip() for chat in opened(own_home).values() for text in chat]
        assert set(shown) <= set(texts)
    answers = [text for chat in opened(own_home).values() for text in chat if text.startswith("word0")]
    assert len(sessions(own_home)) == long_form("PROGRAM_KILLS", 1) or answers
    record_property("kills_of_the_screen", number + 1)
