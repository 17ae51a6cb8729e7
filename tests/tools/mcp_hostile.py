"""A server that misbehaves in the way its first argument names. Plain Python, so that it starts in 20 ms.

Run it as `python -I -S mcp_hostile.py MODE`.
"""

import json
import os
import signal
import sys
import time

MODE = sys.argv[1]
PIPE = b"x" * 65536


def write(data):
    while data:
        data = data[os.write(1, data) :]


def say(**message):
    write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


def forever(data):
    while True:
        write(data)


def tool(name, description="A tool.", schema=None, **more):
    return {"name": name, "description": description, "inputSchema": schema or {"type": "object"}, **more}


REMOTE = {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/schema"}}}
LISTS = {
    "bad_list": [tool("fine"), tool("no_object", schema={"type": "string"})],
    "odd_tools": [
        tool("fine"),
        tool("fine"),
        tool("remote", schema=REMOTE),
        tool("huge", "x" * 70_000),
        tool("long", "x" * 1001),
        tool("hidden", "Adds.\U000e0048\U000e0049"),
        tool("a" * 100),
        tool("same~"),
        tool("same!"),
    ],
}


def start():
    """Faults before the first word."""
    if MODE == "exits":
        os.write(2, b"no licence\n")
        sys.exit(3)
    if MODE == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if MODE == "silent":
        time.sleep(3600)
    if MODE == "deaf":  # reads nothing, so that our writing stands still
        signal.pause()
    if MODE == "floods_text":
        forever(b"y\n" * 32768)
    if MODE == "endless_line":
        forever(PIPE)
    if MODE == "floods_messages":
        note = b'{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}\n'
        forever(note * 500)
    if MODE == "binary":
        forever(bytes(range(256)) * 64 + b"\n")
    if MODE == "closes_output":
        os.close(1)
        signal.pause()
    if MODE == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if MODE == "banner":
        write(b"Welcome to my server!\n\n{not json\n[]\n")
    if MODE == "complains":
        for _ in range(200):
            os.write(2, b"e" * 1023 + b"\n")
        os.write(2, b"the last complaint\n")
    if MODE == "grandchild" and os.fork() == 0:  # it keeps all pipes, in a session of its own, for a while
        os.setsid()
        time.sleep(2)
        os._exit(0)


def call(request):
    """Faults during a call."""
    if MODE == "dies_in_call":
        os.write(2, b"out of cheese\n")
        os._exit(9)
    if MODE in ("hangs_in_call", "stubborn"):
        while True:
            time.sleep(3600)
    if MODE == "grandchild":
        os._exit(5)
    if MODE == "floods_in_call":
        forever(b"y\n" * 32768)
    if MODE == "large_answer":
        forever(b'{"jsonrpc":"2.0","id":%d,"result":"' % request["id"] + PIPE)
    if MODE == "wrong_result":
        return {"content": "not a list", "isError": "perhaps"}
    if MODE == "wrong_id":
        say(id="someone else's", result={"content": []})
        return None
    if MODE == "half_pairs":
        write(b'{"jsonrpc":"2.0","id":%d,"result":{"content":[{"type":"text","text":"a\\ud83db"}]}}\n' % request["id"])
        return None
    if MODE == "asks_back":
        say(id=1, method="sampling/createMessage", params={"messages": [], "maxTokens": 9})
        say(id=2, method="roots/list")
        return {"content": [{"type": "text", "text": "asked"}]}
    return {"content": [{"type": "text", "text": "done"}]}


def answer(request):
    method = request["method"]
    if method == "initialize":
        if MODE == "odd_words":
            say(id=request["id"], error={"code": -32000, "message": "no " * 100_000, "data": {"a": [1] * 1000}})
            return None
        if MODE == "no_handshake":
            return {"protocolVersion": "1066-10-14", "capabilities": {}, "serverInfo": {"name": "h", "version": "0"}}
        version = request["params"]["protocolVersion"]
        return {
            "protocolVersion": version,
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "h", "version": "0"},
        }
    if method == "tools/list":
        if MODE == "endless_list":
            at = int(request.get("params", {}).get("cursor", "0"))
            return {"tools": [tool(f"t{at}_{one}") for one in range(50)], "nextCursor": str(at + 1)}
        if MODE == "same_cursor":
            return {"tools": [], "nextCursor": "again"}
        if MODE == "changes_always":
            return {"tools": [tool("fine", f"Description of {time.time_ns()}.")]}
        return {"tools": LISTS.get(MODE, [tool("fine")])}
    if method == "tools/call":
        return call(request)
    return None


def serve():
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request or "method" not in request:
            continue
        if request["method"] not in ("initialize", "tools/list", "tools/call"):
            say(id=request["id"], error={"code": -32601, "message": "Method not found"})
        elif (result := answer(request)) is not None:
            say(id=request["id"], result=result)
    while MODE == "stubborn":
        time.sleep(3600)


start()
serve()
