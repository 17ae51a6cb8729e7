"""The fault table names tests that exist, has every row once, and its page says what it says."""

import ast
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tui_chat.cli.arguments import parse

ROOT = Path(__file__).resolve().parents[2]
TABLE = tomllib.loads((Path(__file__).with_name("rows.toml")).read_text("utf-8"))
OF_OTHER_PAGES = range(24, 46)
"""Tools and MCP."""


@cache
def functions_of(file: str) -> set[str]:
    nodes = ast.walk(ast.parse((ROOT / file).read_text("utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_proof_is_a_test_that_exists():
    proofs = [proof.split("::") for row in TABLE["row"] for proof in row.get("proof", ())]
    assert [f"{file}::{name}" for file, name in proofs if name not in functions_of(file)] == []
    assert all((ROOT / place).exists() for run in TABLE["run"] for place in run.get("tests", ()))


def test_every_row_stands_once_and_without_a_proof_says_why():
    assert [row["number"] for row in TABLE["row"]] == [n for n in range(1, 116) if n not in OF_OTHER_PAGES]
    assert all(row.get("proof") or row.get("why") for row in TABLE["row"])
    assert {each["group"] for each in (*TABLE["row"], *TABLE["run"])} == {each["letter"] for each in TABLE["group"]}


def test_the_page_is_what_table_and_last_runs_say():
    command = [sys.executable, "scripts/reliability.py", "--check"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0, "run: python scripts/reliability.py --page"


@pytest.mark.parametrize("option", ["--api-key", "--key", "--token"])
def test_row_52_no_option_takes_a_key(option):
    for verb in ((), ("ask",), ("models",), ("doctor",)):
        with pytest.raises(SystemExit) as refused:
            parse([*verb, option, "sk-x"])
        assert refused.value.code == 2
