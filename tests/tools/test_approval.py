"""Nothing runs on a word that was given for something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tui_chat.tools.approval import Allowances, allowance_for, brings_in, canonical, needs_word, reaches_out
from tui_chat.tools.programs import may_repeat
from tui_chat.tools.shell import SHELL, argv_of
from tui_chat.tools.tool import Arguments, Danger, Outcome, Preview, Surroundings, Tool


async def nothing(arguments: Arguments, surroundings: Surroundings) -> Outcome:
    return Outcome("")


def a_tool(danger: Danger, **more) -> Tool:
    return Tool("t", "", {"type": "object"}, danger, **{"run": nothing, **more})


def runs(command: str, words: list[str] | None = None, **more) -> tuple[Arguments, Preview]:
    """A call of the shell and what it would do, in a sandbox unless told otherwise."""
    arguments = {"command": command, **({"arguments": words} if words else {})}
    facts = {"argv": argv_of(command, words or []), "folder": "/work", "sandbox": "bubblewrap", "runs_program": True}
    return arguments, Preview(**{**facts, **more})


def asks(given: Allowances, command: str, words: list[str] | None = None, **more) -> bool:
    return needs_word(SHELL, *runs(command, words, **more), given)


ALLOWED = ("git status", "ls -la src", "cat notes.txt", "wc -l notes.txt")
EVIL = "touch /tmp/evil"


def allowed() -> Allowances:
    given = Allowances()
    for command in ALLOWED:
        allowance = allowance_for(SHELL, *runs(command))
        assert allowance is not None
        given.give(allowance)
        words = command.split()
        allowance = allowance_for(SHELL, *runs(words[0], words[1:]))
        assert allowance is not None
        given.give(allowance)
    return given


def bypasses(command: str) -> list[str]:
    """Ways of making something else look like, begin with, or hide behind a command that is allowed."""
    program, _, rest = command.partition(" ")
    chains = [
        f"{command}{joint}{EVIL}" for joint in ("; ", " && ", " || ", " | ", " & ", "\n", ";", "\r\n", "\r", "\x0b")
    ]
    chains += [f"{EVIL}; {command}", f"{command} &", f"({command}; {EVIL})", f"{{ {command}; {EVIL}; }}"]
    holes = [
        f"{command} $({EVIL})",
        f"{command} `{EVIL}`",
        f"{command} <({EVIL})",
        f"{command} ${{x:-`{EVIL}`}}",
        f"{command} $IFS",
    ]
    turns = [
        f"{command} > ~/.profile",
        f"{command} >> x",
        f"{command} 2>x",
        f"{command} < /etc/passwd",
        f"{command} <<< x",
    ]
    before = [
        f"env {command}",
        f"LD_PRELOAD=./e.so {command}",
        f"PATH=. {command}",
        f"sudo {command}",
        f"time {command}",
    ]
    before += [f"timeout 9 {command}", f"nice {command}", f"nohup {command}", f"command {command}", f"exec {command}"]
    before += [f"xargs {command}", f"sh -c '{command}'", f"! {command}", f"\\{command}", f"eval {command}"]
    spelt = [
        f"{command} ",
        f" {command}",
        f"{program}  {rest}",
        f"{program}\t{rest}",
        f"{command}\\",
        f"'{program}' {rest}",
    ]
    spelt += [f'"{program}" {rest}', f"{program.upper()} {rest}", f"./{command}", f"/tmp/{command}", f"{command} # x"]
    alike = [command.replace("a", "а"), command.replace(" ", "\u00a0"), command.replace("t", "т"), f"{command}\u200b"]
    alike += [f"{command}\u202e", f"{command}\x00", command.replace("s", "ѕ") + "\u2060", f"\ufeff{command}"]
    return [
        *chains,
        *holes,
        *turns,
        *before,
        *spelt,
        *alike,
        f"{command} *",
        f"{command} ~",
        f"{command} {{a,b}}",
        f"{command} -x",
    ]


BYPASSES = [bypass for command in ALLOWED for bypass in bypasses(command) if bypass not in ALLOWED]


def test_there_are_at_least_two_hundred_bypasses():
    assert len(set(BYPASSES)) >= 200


def test_what_was_allowed_does_not_ask_again():
    given = allowed()
    assert [command for command in ALLOWED if asks(given, command)] == []


def test_every_bypass_asks():
    given = allowed()
    for bypass in BYPASSES:
        preview = Preview(argv=("/bin/sh", "-c", bypass), folder="/work", sandbox="bubblewrap", runs_program=True)
        assert needs_word(SHELL, {"command": bypass}, preview, given), bypass
        program, *words = bypass.split(" ")
        preview = Preview(argv=(program, *words), folder="/work", sandbox="bubblewrap", runs_program=True)
        split_alike = bypass.split(" ") in [command.split(" ") for command in ALLOWED]
        assert split_alike or needs_word(SHELL, {"command": program, "arguments": words}, preview, given), bypass


def test_even_if_always_were_said_to_them_bypasses_with_more_than_words_would_ask():
    for bypass in BYPASSES:
        if set(bypass) & set(";&|<>$`(){}\n\r*?~#!\\'\"\t\x00\x0b"):
            assert allowance_for(SHELL, {"command": bypass}, runs("ls")[1]) is not None  # the preview's argv is judged
            preview = Preview(argv=("/bin/sh", "-c", bypass), folder="/work", sandbox="bubblewrap", runs_program=True)
            assert allowance_for(SHELL, {"command": bypass}, preview) is None, bypass


NEVER = """
env env|A=1|ls xargs|ls find|.|-delete sudo|ls doas|ls timeout|5|ls time|ls nice|ls nohup|ls ssh|host|ls sh|x.sh
bash|-c|ls python|x.py python3|x.py python3.11|x.py pypy3|x /usr/bin/python3|x /usr/bin/env|ls perl|x ruby|x node|x
npm|test make awk|x sed|-n|p git|-c|x=y|status git|-C|/x|status git|push git|--exec-path=x|status git|commit git|config
git|log|--output=x vi|x less|x man|ls docker|run|x tar|xf|a curl|http://x wget|http://x watch|ls parallel|ls stdbuf|ls
./run.sh ../bin/ls bin/ls /home/me/bin/ls /tmp/ls busybox|ls sqlite3|x ld.so|/bin/ls lua5.4|x php8.2|x gcc-12|x
ksh93|x Python.exe|x PowerShell.exe|x cmd.exe|/c|dir systemd-run|ls setsid|ls script|x nc|h|1 rsync|a|b gawk|x ruby3.1|x
perl5.36|x tclsh8.6|x pip3|install|x pip3.11|x zsh-5.9|x FOO=1|ls --help -c nodejs18|x flock|a|ls chroot|/|ls unshare|ls
strace|ls gdb|ls printenv /usr/bin/../../tmp/ls pytest cargo|run go|run|x sort|--compress-program=x su|x su|-c|ls
"""


def test_programs_that_run_others_are_never_allowed_for_good():
    samples = [tuple(sample.split("|")) for sample in NEVER.split()]
    assert [argv for argv in samples if may_repeat(argv)] == []
    assert [argv for argv in samples if may_repeat(("/bin/sh", "-c", " ".join(argv)))] == []


def test_a_link_to_an_interpreter_counts_as_what_it_leads_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "harmless").symlink_to("/bin/sh")
    (tmp_path / "ls").symlink_to("/bin/ls")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert may_repeat(("ls", "-l"))
    assert not may_repeat(("harmless", "-l"))


def test_a_program_in_the_working_folder_is_never_allowed_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "check").write_text("#!/bin/sh\n", "utf-8")
    (tmp_path / "check").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert may_repeat(("check",), "/elsewhere")
    assert not may_repeat(("check",), str(tmp_path))
    assert allowance_for(SHELL, *runs("check", folder=str(tmp_path))) is None


def test_plain_programs_may_be_allowed_for_good():
    for command in (
        "ls -la",
        "git status",
        "git diff HEAD",
        "cat a.txt",
        "wc -l a",
        "/bin/ls",
        "grep -rn x .",
    ):
        assert may_repeat(tuple(command.split())), command
        assert may_repeat(("/bin/sh", "-c", command)), command


def test_always_counts_for_this_folder_these_arguments_and_this_tool_only():
    given = allowed()
    assert asks(given, "git status", folder="/elsewhere")
    assert needs_word(SHELL, {"command": "git status", "timeout_s": 9}, runs("git status")[1], given)
    assert needs_word(replace(SHELL, name="other"), *runs("git status"), given)
    assert not asks(given, "git status")


def test_without_a_sandbox_always_is_off_for_programs():
    given = allowed()
    arguments, preview = runs("git status", sandbox="", network=True)
    assert allowance_for(SHELL, arguments, preview) is None
    assert needs_word(SHELL, arguments, preview, given)


def test_a_program_text_is_never_allowed_for_good():
    arguments, preview = runs("ls", code="print(1)")
    assert allowance_for(SHELL, arguments, preview) is None


def test_a_revoked_allowance_asks():
    given = allowed()
    for allowance in list(given.given):
        given.revoke(allowance)
    assert given.given == []
    assert all(asks(given, command) for command in ALLOWED)


@pytest.mark.parametrize("more", [{"network": True}, {"hosts": ("a.example",)}])
def test_after_text_from_outside_whatever_reaches_out_asks(more):
    given = Allowances()
    arguments, preview = runs("git status", **more)
    allowance = allowance_for(SHELL, arguments, preview, given)
    assert allowance is not None
    given.give(allowance)
    assert not needs_word(SHELL, arguments, preview, given)
    given.taint()
    assert needs_word(SHELL, arguments, preview, given)
    assert allowance_for(SHELL, arguments, preview, given) is None
    assert brings_in(SHELL, preview)


def test_after_text_from_outside_what_stays_inside_keeps_its_allowance():
    given = allowed()
    given.taint()
    assert not asks(given, "git status")


@pytest.mark.parametrize(
    "tool", [a_tool("network"), a_tool("reads", reaches_out=True), a_tool("harmless", remote=True)]
)
def test_tools_that_reach_out_always_ask_after_text_from_outside(tool):
    given = Allowances()
    allowance = allowance_for(tool, {"url": "https://a.example"}, Preview(), given)
    assert allowance is not None
    assert needs_word(tool, {"url": "https://a.example"}, Preview(), given)
    given.give(allowance)
    assert not needs_word(tool, {"url": "https://a.example"}, Preview(), given)
    assert needs_word(tool, {"url": "https://b.example"}, Preview(), given)
    given.taint()
    assert needs_word(tool, {"url": "https://a.example"}, Preview(), given)
    assert reaches_out(tool, Preview())


def test_only_the_harmless_and_this_package_s_readers_need_no_word():
    given = Allowances()
    free = [a_tool("harmless"), a_tool("reads"), a_tool("harmless", source="package x")]
    asking = [
        a_tool("writes"),
        a_tool("runs"),
        a_tool("network"),
        a_tool("reads", source="tool.toml"),
        a_tool("reads", source="MCP x"),
        a_tool("harmless", remote=True),
        a_tool("harmless", reaches_out=True),
        a_tool("harmless", run=None),
    ]
    assert [needs_word(tool, {}, Preview(), given) for tool in free] == [False] * len(free)
    assert [needs_word(tool, {}, Preview(), given) for tool in asking] == [True] * len(asking)


@pytest.mark.parametrize(
    "preview",
    [
        Preview(argv=("ls",)),
        Preview(runs_program=True),
        Preview(code="x"),
        Preview(diff="+x"),
        Preview(network=True),
        Preview(hosts=("a",)),
    ],
)
def test_a_harmless_tool_that_turns_out_to_do_something_asks(preview):
    assert needs_word(a_tool("harmless"), {}, preview, Allowances())
    assert needs_word(a_tool("reads"), {}, preview, Allowances())


def test_a_manual_tool_has_no_always():
    assert allowance_for(a_tool("harmless", run=None), {}, Preview()) is None


def test_arguments_are_compared_by_what_they_are():
    assert canonical({"a": 1, "b": [True]}) == canonical({"b": [True], "a": 1})
    assert len({canonical({"a": value}) for value in (1, True, "1", 1.0, None, [1], {"b": 1})}) == 7
    assert canonical({"a": float("nan")}) is None
    assert canonical({"a": object()}) is None
    tool = a_tool("writes")
    assert allowance_for(tool, {"a": float("nan")}, Preview()) is None
