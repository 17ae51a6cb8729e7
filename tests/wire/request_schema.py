"""The request body as the API's document describes it, written down as a JSON Schema; closed at every level."""

from __future__ import annotations

from typing import Any


def closed(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def constant(word: str) -> dict[str, Any]:
    return {"const": word}


TEXT: dict[str, Any] = {"type": "string"}
FLAG: dict[str, Any] = {"type": "boolean"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 1}
NAME: dict[str, Any] = {"type": "string", "pattern": "^[a-zA-Z0-9_-]+$", "maxLength": 64}
TEXT_PART = closed(("type", "text"), type=constant("text"), text=TEXT)


def number(low: float, high: float) -> dict[str, Any]:
    return {"type": "number", "minimum": low, "maximum": high}


def words(*options: str) -> dict[str, Any]:
    return {"enum": list(options)}


REQUEST: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **closed(
        ("messages", "model"),
        messages={
            "type": "array",
            "minItems": 1,
            "items": closed(("role", "content"), role=words("developer", "system", "user", "assistant"), content=TEXT),
        },
        model={"type": "string", "minLength": 1},
        store=nullable(FLAG),
        # the document names low, medium and high; the gateway's table names the newer ones
        reasoning_effort=words("none", "minimal", "low", "medium", "high", "xhigh", "max"),
        metadata={
            "type": "object",
            "maxProperties": 16,
            "propertyNames": {"maxLength": 64},
            "additionalProperties": {"type": "string", "maxLength": 512},
        },
        modalities={"type": "array", "items": words("text", "audio"), "uniqueItems": True, "minItems": 1},
        prediction=closed(
            ("type", "content"),
            type=constant("content"),
            content={"anyOf": [TEXT, {"type": "array", "minItems": 1, "items": TEXT_PART}]},
        ),
        audio=closed(
            ("format", "voice"),
            format=words("wav", "mp3", "flac", "opus", "pcm16"),
            voice=words(
                "alloy",
                "ash",
                "ballad",
                "coral",
                "echo",
                "fable",
                "nova",
                "onyx",
                "sage",
                "shimmer",
                "verse",
                "marin",
                "cedar",
            ),
        ),
        temperature=number(0, 2),
        top_p=number(0, 1),
        n=nullable({"type": "integer", "minimum": 1, "maximum": 128}),
        stop={"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 4}, {"type": "null"}]},
        max_tokens=COUNT,
        max_completion_tokens=COUNT,
        presence_penalty=number(-2, 2),
        frequency_penalty=number(-2, 2),
        logit_bias={
            "type": "object",
            "propertyNames": {"pattern": "^[0-9]+$"},
            "additionalProperties": number(-100, 100),
        },
        logprobs=FLAG,
        top_logprobs={"type": "integer", "minimum": 0, "maximum": 20},
        user=TEXT,
        service_tier=words("auto", "default", "flex"),
        stream=FLAG,
        stream_options=closed(include_usage=FLAG),
        response_format={
            "oneOf": [
                closed(("type",), type=constant("text")),
                closed(("type",), type=constant("json_object")),
                closed(
                    ("type", "json_schema"),
                    type=constant("json_schema"),
                    json_schema=closed(
                        ("name",), name=NAME, description=TEXT, schema={"type": "object"}, strict=nullable(FLAG)
                    ),
                ),
            ]
        },
        seed={"type": "integer"},
        tools={
            "type": "array",
            "minItems": 1,
            "maxItems": 128,
            "items": closed(
                ("type", "function"),
                type=constant("function"),
                function=closed(
                    ("name",), name=NAME, description=TEXT, parameters={"type": "object"}, strict=nullable(FLAG)
                ),
            ),
        },
        tool_choice={
            "oneOf": [
                words("none", "auto", "required"),
                closed(("type", "function"), type=constant("function"), function=closed(("name",), name=NAME)),
            ]
        },
        parallel_tool_calls=FLAG,
        functions={
            "type": "array",
            "minItems": 1,
            "maxItems": 128,
            "items": closed(("name",), name=NAME, description=TEXT, parameters={"type": "object"}),
        },
        function_call={"oneOf": [words("none", "auto"), closed(("name",), name=NAME)]},
        web_search_options=closed(
            search_context_size=words("low", "medium", "high"),
            user_location=nullable(
                closed(
                    ("type", "approximate"),
                    type=constant("approximate"),
                    approximate=closed(
                        city=TEXT,
                        country={"type": "string", "pattern": "^[A-Z]{2}$"},
                        region=TEXT,
                        timezone={"type": "string", "pattern": "^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$"},
                    ),
                )
            ),
        ),
        # newer than the document
        verbosity=words("low", "medium", "high"),
        prompt_cache_key=TEXT,
        safety_identifier={"type": "string", "maxLength": 128},
    ),
    # what the document says of pairs
    "dependentRequired": {
        "stream_options": ["stream"],
        "tool_choice": ["tools"],
        "parallel_tool_calls": ["tools"],
        "function_call": ["functions"],
    },
    "not": {"required": ["tools", "functions"]},
}
