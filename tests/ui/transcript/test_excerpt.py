from __future__ import annotations

from tests.ui.transcript.stage import entry
from tui_chat.ui.transcript.entry import Chip, Notice, Picture, Thought
from tui_chat.ui.transcript.excerpt import code_blocks, written


def test_all_that_is_said_can_be_searched() -> None:
    said = entry("k", Thought("a"), "b", Picture("c", None), Chip("d"), Notice("info", ("e", "f")))
    assert list(written(said)) == list("abcdef")


def test_code_is_found_wherever_it_stands_and_given_as_it_was_written() -> None:
    said = entry(
        "k",
        "```python\r\nx = 1\r\n\r\n```\n\n~~~~\n```\n~~~~\n\n> - in a list\n>   ```sh title=x\n>   ls  \n>   ```",
        Thought("```\nnot this\n```"),
        "no code here, only `some`",
        "```rust\nfn open() {",
    )
    assert code_blocks(said) == [("python", "x = 1\n"), ("", "```"), ("sh", "ls  "), ("rust", "fn open() {")]
