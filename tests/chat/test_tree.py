from hypothesis import given, settings
from hypothesis import strategies as st

from tui_chat.chat.node import Head, Node
from tui_chat.chat.tree import (
    Conversation,
    HeadChanged,
    LeafChosen,
    Link,
    NodeAdded,
    NodesDeleted,
    NodesRestored,
)
from tui_chat.wire.messages import Role, Text


def said(id: str, parent: str | None, role: Role = "user") -> NodeAdded:
    return NodeAdded(Node(id, parent, role, (Text(id),)))


def talk() -> Conversation:
    """u1 ── a1 ── u2 ── a2
    └─ a1b"""
    tree = Conversation(Head("chat"))
    for change in (
        said("u1", None),
        said("a1", "u1", "assistant"),
        said("u2", "a1"),
        said("a2", "u2", "assistant"),
        said("a1b", "u1", "assistant"),
    ):
        tree.apply(change)
    return tree


def test_what_was_said_last_ends_the_path():
    tree = talk()
    assert tree.leaf == "a1b"
    assert tree.path() == ["u1", "a1b"]
    assert tree.path("a2") == ["u1", "a1", "u2", "a2"]


def test_versions_of_an_answer_are_siblings_in_the_order_they_came():
    tree = talk()
    assert tree.siblings("a1b") == ["a1", "a1b"]
    assert tree.siblings("u2") == ["u2"]
    assert tree.tip("a1") == "a2"


def test_deleting_one_message_keeps_what_follows_it():
    tree = talk()
    tree.apply(LeafChosen("a2"))
    tree.apply(NodesDeleted(("a1",)))
    assert tree.path() == ["u1", "u2", "a2"]
    assert tree.parent("u2") == "u1"
    assert "a1" not in tree and len(tree) == 4
    tree.apply(NodesRestored(("a1",)))
    assert tree.path() == ["u1", "a1", "u2", "a2"]


def test_deleting_the_end_steps_back():
    tree = talk()
    tree.apply(NodesDeleted(("a1b",)))
    assert tree.path() == ["u1"]
    tree.apply(NodesDeleted(("u1",)))
    assert tree.path() == []


def test_deleting_a_branch_takes_what_hangs_below():
    tree = talk()
    assert set(tree.below("a1")) == {"a1", "u2", "a2"}
    tree.apply(NodesDeleted(tree.below("a1")))
    assert tree.siblings("a1b") == ["a1b"]


def test_siblings_are_of_one_role_when_a_deletion_brings_others_beside_them():
    tree = talk()
    tree.apply(NodesDeleted(("a1",)))
    assert tree.children("u1") == ["u2", "a1b"]
    assert tree.siblings("a1b") == ["a1b"]


def test_the_head_takes_new_values():
    tree = talk()
    tree.apply(HeadChanged({"title": "木栈道", "values": {"temperature": 0.5}}))
    assert tree.head.title == "木栈道"
    assert tree.head.values == {"temperature": 0.5}


def test_nodes_are_loaded_only_when_asked_for():
    loaded: list[str] = []

    def load(id: str) -> Node:
        loaded.append(id)
        return Node(id, None, "user", (Text(id),))

    tree = Conversation(Head("chat"), load)
    for at in range(1000):
        tree.hang(Link(f"n{at}", f"n{at - 1}" if at else None, "user", 10))
    assert len(tree.path()) == 1000
    assert loaded == []
    assert tree.node("n7").text == "n7"
    assert tree.node("n7") is tree.node("n7")
    assert loaded == ["n7"]


def test_a_copy_goes_its_own_way():
    tree = talk()
    twin = tree.copy()
    twin.apply(said("u3", "a1b"))
    twin.apply(NodesDeleted(("u1",)))
    assert tree.path() == ["u1", "a1b"]
    assert "u3" not in tree


changes = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 30)),
        st.tuples(st.just("delete"), st.integers(0, 30)),
        st.tuples(st.just("restore"), st.integers(0, 30)),
        st.tuples(st.just("choose"), st.integers(0, 30)),
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(changes)
def test_any_order_of_changes_leaves_a_tree_whose_path_is_alive(steps):
    tree = Conversation(Head("chat"))
    ids: list[str] = []
    for step, number in steps:
        target = ids[number % len(ids)] if ids else None
        if step == "add":
            id = f"n{len(ids)}"
            alive = target if target is not None and target in tree else tree.leaf
            tree.apply(said(id, alive, "user" if number % 2 else "assistant"))
            ids.append(id)
        elif target is not None and step == "delete":
            tree.apply(NodesDeleted(tree.below(target) if number % 3 == 0 else (target,)))
        elif target is not None and step == "restore":
            tree.apply(NodesRestored((target,)))
        elif target is not None and target in tree:
            tree.apply(LeafChosen(target))
        path = tree.path()
        assert all(id in tree for id in path)
        assert len(path) == len(set(path))
        for id in path:
            assert id in tree.siblings(id)
        assert len(tree) == sum(id in tree for id in ids)
