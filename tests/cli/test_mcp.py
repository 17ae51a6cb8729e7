"""MCP servers without a screen: nothing starts or is offered before a yes; then their tools are there as all others."""

from __future__ import annotations

import json
import sys

import pytest

from tests.cli.conftest import Run
from tests.extras import needs_mcp
from tests.gateway.answers import DONE, sse
from tests.gateway.server import FakeGateway
from tests.gateway.tool_styles import in_openai_style
from tests.gateway.upstreams import openai
from tests.tools.mcp_stage import PLAIN
from tui_chat import words
from tui_chat.store.places import places

pytestmark = needs_mcp
ANSWER = sse(openai({"content": "It is 42."}), openai({}, "stop"), DONE)
SUM = ("c1", "plain__add", '{"a":20,"b":22}')


@pytest.fixture
def planned() -> None:
    """Two servers in the settings file: a good one, and one whose program is not there."""
    file = places().settings_file
    file.parent.mkdir(parents=True, exist_ok=True)
    command = json.dumps([sys.executable, "-I", "-S", str(PLAIN)])
    file.write_text(f'[mcp.plain]\ncommand = {command}\n[mcp.gone]\ncommand = ["no-such-program"]\n', "utf-8")


def test_from_a_table_in_the_settings_to_a_call(run: Run, keyed: FakeGateway, planned: None) -> None:
    listed = run("mcp", "list")
    assert listed.code == 0 and "mcp_plain.py" in listed.out and "yibu-chat mcp confirm plain" in listed.out
    refused = run("ask", "-m", "m", "--tools", "plain__add", "20+22?")
    assert refused.code == 1 and "yibu-chat mcp confirm plain" in refused.err and keyed.chats == []

    nobody = run("mcp", "confirm", "plain")
    assert nobody.code == 2 and "mcp_plain.py" in nobody.out and "--yes" in nobody.err
    assert run("mcp", "confirm", "plain", "--yes").code == 0
    assert "yibu-chat mcp approve plain" in run("tools").out
    refused = run("ask", "-m", "m", "--allow-tool", "plain__add", "20+22?")
    assert refused.code == 1 and "yibu-chat mcp approve plain" in refused.err

    assert run("mcp", "approve", "plain", "nothing", "-y").code == 2
    approved = run("mcp", "approve", "plain", "add", "-y")
    assert approved.code == 0 and "Add two numbers." in approved.out and "End at once." not in approved.out
    told = run("tools", "--json").json
    assert [tool["name"] for tool in told["tools"] if tool["source"] == "MCP plain"] == ["plain__add"]
    assert [(each["name"], each["state"], each["waiting"]) for each in told["servers"]] == [
        ("plain", "running", 1),
        ("gone", "unconfirmed", 0),
    ]

    keyed.script(in_openai_style(SUM), ANSWER, ANSWER)
    ran = run("ask", "-m", "m", "--allow-tool", "plain__add", "20+22?")
    assert (ran.code, ran.out) == (0, "It is 42.\n") and "plain__add: done" in ran.err
    assert keyed.chats[1].json["messages"][-1]["content"] == "sum 42"

    assert run("mcp", "forget", "plain").code == 0
    assert run("mcp", "list", "--json").json["servers"][0]["confirmed"] is False
    ran = run("ask", "-c", "and now?")  # its tool is still on in this chat: that it can't be used is told, no more
    assert ran.code == 0 and words.t("error.mcp_unconfirmed.says", server="plain") in ran.err
    assert "tools" not in keyed.chats[-1].json


def test_a_server_that_cannot_start_is_explained(run: Run, keyed: FakeGateway, planned: None) -> None:
    run("mcp", "confirm", "gone", "-y")
    ran = run("ask", "-m", "m", "--tools", "gone__x", "go")
    assert ran.code == 1 and words.t("error.mcp_program.says", server="gone", program="no-such-program") in ran.err
    assert "no-such-program" in run("tools").out
    assert run("mcp", "confirm", "unknown", "-y").code == 1


def test_without_a_server_there_is_nothing_to_list(run: Run) -> None:
    ran = run("mcp", "list")
    assert ran.code == 0 and str(places().settings_file) in ran.out
    assert run("mcp", "list", "--json").json == {"servers": []}
