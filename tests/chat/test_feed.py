from threading import Thread

from tui_chat.chat.events import Grew, Queued
from tui_chat.chat.feed import Feed


def test_text_that_grows_at_one_place_is_joined_and_nothing_is_lost():
    feed = Feed()
    for at in range(1000):
        feed.put(Grew("chat", "node", text=f"{at} "))
        feed.put(Grew("chat", "node", reasoning="."))
    events = feed.drain()
    assert len(events) == 1
    assert events[0] == Grew("chat", "node", "".join(f"{at} " for at in range(1000)), "." * 1000)
    assert feed.drain() == []


def test_other_events_keep_their_place_between_growth():
    feed = Feed()
    feed.put(Grew("a", "1", "x"))
    feed.put(Queued("a", ("later",)))
    feed.put(Grew("a", "1", "y"))
    feed.put(Grew("b", "1", "z"))
    assert feed.drain() == [Grew("a", "1", "x"), Queued("a", ("later",)), Grew("a", "1", "y"), Grew("b", "1", "z")]


def test_the_watcher_is_woken_once_until_it_drains():
    woken = []
    feed = Feed(lambda: woken.append(1))
    for _ in range(5):
        feed.put(Grew("a", "1", "x"))
    assert len(woken) == 1
    feed.drain()
    feed.put(Grew("a", "1", "x"))
    assert len(woken) == 2


def test_many_threads_put_and_every_character_arrives():
    feed = Feed()

    def put(name: str) -> None:
        for _ in range(500):
            feed.put(Grew("chat", name, "ab"))

    threads = [Thread(target=put, args=(str(at),)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts: dict[str, str] = {}
    for event in feed.drain():
        assert isinstance(event, Grew)
        texts[event.node] = texts.get(event.node, "") + event.text
    assert texts == {str(at): "ab" * 500 for at in range(4)}
