"""How does a Python function become a tool? Its name, docstring and type hints say the rest.

Blocking functions run on daemon threads of their own: one that never returns is left behind when its time is up, and
holds up neither the engine nor the end of the program.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from tui_chat.errors import ToolError
from tui_chat.tools.schema import description_of, name_of, schema_of, surroundings_of
from tui_chat.tools.tool import Arguments, Danger, Look, Outcome, Run, Surroundings, Tool

TEXT_LIMIT_CHARACTERS = 64 * 1024
_Result = TypeVar("_Result")


def tool_of(
    function: Callable[..., object],
    danger: Danger,
    *,
    name: str = "",
    look: Look | None = None,
    source: str = "",
    timeout_s: float = 60.0,
    remote: bool = False,
    reaches_out: bool = False,
) -> Tool:
    """A tool that calls `function` with the model's arguments by name.

    The function may be `async`; a parameter annotated `Surroundings` gets those. It returns an `Outcome`, a text, or
    a value that is told to the model as JSON. The tool's name is the function's, unless `name` gives another.

    Raises:
        ToolError: its parameters can't be described (see `schema_of`).
    """
    schema = schema_of(function)
    name = name or name_of(function)
    return Tool(
        name,
        description_of(function),
        schema,
        danger,
        _run_of(function, name, schema, timeout_s),
        look=look,
        source=source,
        timeout_s=timeout_s,
        remote=remote,
        reaches_out=reaches_out,
    )


def _run_of(function: Callable[..., Any], name: str, schema: Mapping[str, object], timeout_s: float) -> Run:
    """What runs a function: its arguments made its own, its time bounded, whatever it raises made its failure."""
    where = surroundings_of(function)

    async def run(arguments: Arguments, surroundings: Surroundings) -> Outcome:
        given = whole_numbers(arguments, schema)
        if where:
            given[where] = surroundings
        try:
            async with asyncio.timeout(timeout_s) as deadline:
                if inspect.iscoroutinefunction(function):
                    return outcome_of(await function(**given))
                result = await in_thread(lambda: function(**given))
                return outcome_of(await result if inspect.isawaitable(result) else result)
        except ToolError:
            raise
        except TimeoutError as error:
            if deadline.expired():
                raise ToolError("error.call_timeout", seconds=f"{timeout_s:g}") from error
            raise _failed(name, error) from error
        except Exception as error:  # whatever a foreign function raises is its failure, not ours
            raise _failed(name, error) from error

    return run


def outcome_of(result: object) -> Outcome:
    """What a function returned, as the model is told: text as it is, all else as JSON; bounded."""
    if isinstance(result, Outcome):
        return result
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=str)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if len(text) <= TEXT_LIMIT_CHARACTERS:
        return Outcome(text)
    rest = text[TEXT_LIMIT_CHARACTERS:]
    kept = f"{text[:TEXT_LIMIT_CHARACTERS]}\n[{len(rest)} more characters were cut off]"
    return Outcome(kept, cut_bytes=len(rest.encode()))


async def in_thread(work: Callable[[], _Result]) -> _Result:
    """Do something that blocks, on a daemon thread of its own. Cancelled, it is no longer waited for."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[_Result] = loop.create_future()

    def settle(result: _Result | None, error: BaseException | None) -> None:
        if ended.cancelled():
            return
        if error is not None:
            ended.set_exception(error)
        else:
            ended.set_result(result)  # type: ignore[arg-type]  # None only where `work` gives None

    def go() -> None:
        result: _Result | None = None
        failure: BaseException | None = None
        try:
            result = work()
        except (StopIteration, SystemExit, KeyboardInterrupt) as error:  # none of these may enter a future
            failure = RuntimeError(f"{type(error).__name__}: {error}")
        except BaseException as error:  # noqa: BLE001 - handed over, not swallowed
            failure = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=go, name="yibu-tool", daemon=True).start()
    return await ended


def whole_numbers(arguments: Arguments, schema: Mapping[str, object]) -> dict[str, Any]:
    """The arguments with 3.0 as 3 where a whole number is asked for: JSON knows no difference, Python does."""
    properties = schema.get("properties")
    about = properties if isinstance(properties, dict) else {}
    return {name: _whole(value, about.get(name)) for name, value in arguments.items()}


def _whole(value: object, schema: object) -> object:
    if not isinstance(schema, dict):
        return value
    if isinstance(value, float) and value.is_integer():
        kinds = schema.get("type")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        return int(value) if "integer" in kinds and "number" not in kinds else value
    if isinstance(value, list):
        return [_whole(item, schema.get("items")) for item in value]
    return value


def _failed(name: str, error: Exception) -> ToolError:
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return ToolError("error.tool_failed", name=name, reason=reason[:500])
