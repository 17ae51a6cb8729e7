from tui_chat.chat.markdown import as_markdown, first_words, node_as_markdown, speaker
from tui_chat.chat.node import Head, Node
from tui_chat.chat.tree import Conversation, NodeAdded
from tui_chat.wire.messages import Citation, Image, Reasoning, Refusal, Text, TextFile, ToolCall, ToolResult


def test_a_chat_reads_as_a_document_of_its_active_path():
    conversation = Conversation(Head("c", title="Hash tables", system="Be brief."))
    conversation.apply(NodeAdded(Node("u", None, "user", (Text("hi"),))))
    conversation.apply(NodeAdded(Node("a", "u", "assistant", (Text("old"),), model="m", finish="stop")))
    conversation.apply(NodeAdded(Node("b", "u", "assistant", (Text("new"),), model="m", finish="interrupted")))
    assert as_markdown(conversation) == (
        "# Hash tables\n\n## System\n\nBe brief.\n\n## You\n\nhi\n\n## m\n\nnew\n\n"
        "*[interrupted: the answer is not whole]*\n"
    )


def test_every_kind_of_part_has_a_form():
    parts = (
        Reasoning("first\n\nsecond", 1.0),
        Text("said"),
        Refusal("no"),
        Image(blob="ab", name="a.png"),
        Image(url="https://example.com/a.png"),
        TextFile("cd", "a.py"),
        Citation("https://example.com", "Example"),
        ToolCall("1", "look", '{"at": "```"}'),
        ToolResult("1", "seen"),
    )
    text = node_as_markdown(Node("a", None, "assistant", parts))
    assert "> **Reasoning**\n>\n> first\n>\n> second" in text
    for piece in ("said", "no", "![a.png](blobs/ab)", "(https://example.com/a.png)", "[a.py](blobs/cd)"):
        assert piece in text
    assert "[^1]: [Example](<https://example.com>)" in text
    assert "look\n````json" in text and "seen" in text


def test_a_title_is_the_first_words_of_a_person_cut_to_size():
    nodes = [
        Node("s", None, "system", (Text("ignored"),)),
        Node("e", None, "user", (Image(url="https://x"),)),
        Node("u", None, "user", (Text("  one\n two   three "),)),
    ]
    assert first_words(nodes) == "one two three"
    assert first_words(nodes, limit=6) == "one t…"
    assert first_words([]) == ""


def test_a_speaker_is_the_model_or_the_role():
    assert speaker(Node("a", None, "assistant", (), model="gpt")) == "gpt"
    assert speaker(Node("a", None, "assistant", ())) == "Assistant"
    assert speaker(Node("u", None, "user", ())) == "You"
