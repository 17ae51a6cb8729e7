"""What do MCP servers offer besides tools? Resources, to be attached as text, and prompts, to be used as templates.

Both are asked for by the person, never by a model, and both are untrusted text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import partial

from tui_chat.tools.mcp_asking import listed_prompts, listed_resources
from tui_chat.tools.mcp_results import Prompt, PromptMessage, Resource, prompt_messages, resource_text
from tui_chat.tools.mcp_session import Session


class Reading(ABC):
    """What `Servers` can read."""

    @abstractmethod
    def _session(self, name: str) -> Session:
        """The running session of a server; raises ToolError where it doesn't run."""

    async def resources(self, name: str) -> tuple[Resource, ...]:
        """What a server offers to read, at most 1 000 things.

        Raises:
            ToolError: it doesn't run, or said no.
        """
        session = self._session(name)
        return await session.ask(partial(listed_resources, session.plan), session.plan.call_timeout_s)

    async def read(self, name: str, uri: str) -> str:
        """The text of one resource, to be attached as a text file; at most 8 MB, untrusted.

        Raises:
            ToolError: it doesn't run, said no, or the resource isn't text.
        """
        session = self._session(name)
        result = await session.ask(lambda client: client.read_resource(uri), session.plan.call_timeout_s)
        return resource_text(name, uri, result)

    async def prompts(self, name: str) -> tuple[Prompt, ...]:
        """The templates a server offers, at most 1 000.

        Raises:
            ToolError: it doesn't run, or said no.
        """
        session = self._session(name)
        return await session.ask(partial(listed_prompts, session.plan), session.plan.call_timeout_s)

    async def prompt(self, name: str, prompt: str, arguments: Mapping[str, str]) -> tuple[PromptMessage, ...]:
        """A template, filled by the server; the texts are untrusted.

        Raises:
            ToolError: it doesn't run, or said no (to missing arguments, for example).
        """
        session = self._session(name)
        filled = dict(arguments)
        result = await session.ask(lambda client: client.get_prompt(prompt, filled), session.plan.call_timeout_s)
        return prompt_messages(result)
