"""What does Textual's own way to stream Markdown cost? A chat as its guide would have it, on `Markdown.get_stream`.

    python bench/apps/stream.py BASE_URL [CHAT.json]

The JSON is a list of messages to begin with, one `Markdown` widget each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Footer, Input, Markdown


class Streaming(App[None]):
    """An input below a column of Markdown widgets."""

    BINDINGS = [("f2", "edge(True)", "Top"), ("f3", "edge(False)", "End")]
    CSS = "Markdown { height: auto; }"

    def __init__(self, base_url: str, messages: list[str]) -> None:
        super().__init__()
        self._base_url = base_url
        self._messages = messages

    def compose(self) -> ComposeResult:
        """The chat, the input, the footer."""
        with VerticalScroll(id="chat", can_focus=False):
            for message in self._messages:
                yield Markdown(message)
        yield Input(placeholder="ready")
        yield Footer()

    def on_mount(self) -> None:
        """Stay at the end, and take keys."""
        self.query_one("#chat").anchor()
        self.query_one(Input).focus()

    def action_edge(self, top: bool) -> None:
        """Jump to the first line, or the last."""
        chat = self.query_one("#chat")
        if top:
            chat.scroll_home(animate=False)
        else:
            chat.scroll_end(animate=False)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask, and show the answer as it comes."""
        event.input.clear()
        answer = Markdown()
        await self.query_one("#chat").mount(Markdown(event.value), answer)
        self.run_worker(self._ask(event.value, answer))

    async def _ask(self, prompt: str, answer: Markdown) -> None:
        stream = Markdown.get_stream(answer)
        try:
            async for piece in self._pieces(prompt):
                await stream.write(piece)
        finally:
            await stream.stop()

    async def _pieces(self, prompt: str) -> AsyncIterator[str]:
        body = {"model": "bench", "stream": True, "messages": [{"role": "user", "content": prompt}]}
        async with (
            httpx.AsyncClient(timeout=None, trust_env=False) as client,
            client.stream("POST", f"{self._base_url}/chat/completions", json=body) as response,
        ):
            async for line in response.aiter_lines():
                if not line.startswith("data: ") or line == "data: [DONE]":
                    continue
                for choice in json.loads(line[6:])["choices"]:
                    if piece := choice["delta"].get("content"):
                        yield piece


if __name__ == "__main__":
    kept = json.loads(Path(sys.argv[2]).read_text("utf-8")) if len(sys.argv) > 2 else []
    Streaming(sys.argv[1], kept).run()
