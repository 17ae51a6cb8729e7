"""A good MCP server in plain Python, so that it starts in 20 ms: two tools, resources, templates.

Run it as `python -I -S mcp_plain.py`. What it says of `add` is in the file that PLAIN_WORDS names, where there is one.
Where PLAIN_GATE names a file, it is not ready before that is there.
"""

import json
import os
import sys
import time
from pathlib import Path

HARMLESS = "Add two numbers."
NUMBERS = {"a": {"type": "integer"}, "b": {"type": "integer"}}
MEMOS = {"memo://today": "water the plants\nfeed the cat", "memo://empty": ""}
REVIEW = [
    {"name": "code", "description": "What is to be read.", "required": True},
    {"name": "language", "description": "Of the code."},
]


def words():
    file = os.environ.get("PLAIN_WORDS", "")
    return Path(file).read_text("utf-8") if file and Path(file).exists() else HARMLESS


def tools():
    schema = {"type": "object", "properties": NUMBERS, "required": ["a", "b"]}
    return [
        {"name": "add", "description": words(), "inputSchema": schema},
        {"name": "die", "description": "End at once.", "inputSchema": {"type": "object"}},
    ]


def call(params):
    if params["name"] == "die":
        os.write(2, b"last words\n")
        os._exit(7)
    arguments = params["arguments"]
    return {"content": [{"type": "text", "text": f"sum {arguments['a'] + arguments['b']}"}]}


def prompt(params):
    given = params.get("arguments", {})
    if params["name"] == "greeting":
        text = "Good morning."
    else:
        text = f"Review this {given.get('language', 'Python')}:\n{given['code']}"
    return {"messages": [{"role": "user", "content": {"type": "text", "text": text}}]}


def read(params):
    return {"contents": [{"uri": params["uri"], "mimeType": "text/plain", "text": MEMOS[params["uri"]]}]}


def handshake(params):
    capabilities = {"tools": {}, "resources": {}, "prompts": {}}
    version = params["protocolVersion"]
    return {
        "protocolVersion": version,
        "capabilities": capabilities,
        "serverInfo": {"name": "plain", "version": "1"},
    }


ANSWERS = {
    "initialize": handshake,
    "tools/list": lambda params: {"tools": tools()},
    "tools/call": call,
    "resources/list": lambda params: {
        "resources": [{"uri": uri, "name": uri[7:], "description": "A memo."} for uri in MEMOS]
    },
    "resources/read": read,
    "prompts/list": lambda params: {
        "prompts": [
            {"name": "greeting", "description": "Says good morning."},
            {"name": "review", "description": "Asks for a review.", "arguments": REVIEW},
        ]
    },
    "prompts/get": prompt,
}

while (gate := os.environ.get("PLAIN_GATE", "")) and not Path(gate).exists():
    time.sleep(0.01)
for line in sys.stdin:
    request = json.loads(line)
    if "id" not in request:
        continue
    answer = {"error": {"code": -32601, "message": "Method not found"}}
    if request.get("method") in ANSWERS:
        answer = {"result": ANSWERS[request["method"]](request.get("params") or {})}
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], **answer}), flush=True)
