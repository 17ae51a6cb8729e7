"""Which programs do what their words don't say? Those whose exact words may not be allowed once for many times.

`git status` does the same tomorrow. `python build.py`, `make` and `env …` run whatever a file says tomorrow, or
another program; allowing them for good would allow anything. In doubt a program belongs here: then a person is asked.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from tui_chat import late

_PLAIN_TOKEN = late.pattern(r"[A-Za-z0-9_@%+=:,./-]+")
"""No character that any shell takes for more than itself, and no letter that looks like another."""

_SYSTEM_FOLDERS = (
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
    "/run/current-system",
)

_SHELLS = """
    sh ash bash dash fish ksh mksh csh tcsh zsh yash rbash elvish nu xonsh busybox toybox cmd command.com pwsh
    powershell
"""
_SHELL_WORDS = """
    alias bind builtin cd command declare enable eval exec export fc hash set shopt source trap typeset unalias
    unset . :
"""
_INTERPRETERS = """
    python pythonw pypy ipython jupyter perl raku ruby irb rake node nodejs deno bun lua luajit php tclsh wish
    expect awk gawk mawk nawk original-awk sed gsed ed ex m4 bc dc java jshell groovy scala kotlin clojure clj
    bb r rscript julia octave ghc ghci runghc runhaskell stack cabal ocaml erl escript elixir iex mix guile sbcl
    clisp racket csi swift go cargo dotnet fsi csc tsx ts-node npm npx yarn pnpm pip pipx uv uvx poetry pdm
    hatch conda mamba gem bundle bundler composer osascript wscript cscript mshta rundll32 regsvr32 gdb lldb jq
    yq sqlite3 psql mysql mongosh redis-cli awk.exe pytest tox nox gcc cc clang tcc ld ld.so qemu wine
"""
_RUNNERS = """
    env xargs find fd fdfind parallel rush sudo sudoedit doas su runuser run0 pkexec setpriv setarch linux32
    linux64 i386 x86_64 chroot unshare nsenter bwrap firejail timeout gtimeout time nice ionice chrt taskset
    numactl nohup setsid stdbuf strace ltrace perf valgrind script scriptreplay unbuffer watch entr flock
    lockfile ssh scp sftp rsync mosh telnet nc ncat netcat socat curl wget aria2c ftp lftp start open xdg-open
    gio at batch crontab systemctl systemd-run launchctl service screen tmux dtach byobu zellij make gmake bmake
    ninja meson cmake just task rake gradle gradlew mvn ant bazel buck scons docker podman nerdctl kubectl helm
    lxc vagrant ansible terraform nix nix-shell nix-build guix dbus-send busctl gdbus tar bsdtar zip unzip cpio
    pax rpm dpkg apt apt-get dnf yum pacman apk brew snap flatpak split csplit sort gpg openssl mail sendmail
    wall write kill killall pkill logger chmod chown install ln mount printenv run-parts start-stop-daemon
    catchsegv faketime proot fakeroot dialog which.exe hexec direnv dotenv op vault aws gcloud
"""
_EDITORS = """
    vi vim view nvim nano pico emacs emacsclient joe micro helix hx kak less more most pg man info lynx w3m
    links
"""
_NEVER = frozenset(" ".join((_SHELLS, _SHELL_WORDS, _INTERPRETERS, _RUNNERS, _EDITORS)).split())

_GIT_READS = frozenset(
    (
        "status",
        "diff",
        "log",
        "show",
        "branch",
        "blame",
        "shortlog",
        "describe",
        "rev-parse",
        "rev-list",
        "ls-files",
        "ls-tree",
        "cat-file",
        "tag",
    )
)
"""Of git's commands, those that run no hook and reach no other host."""
_GIT_RUNS = late.pattern(
    r"-c.*|-C.*|-O.*|-p|--paginate|--exec.*|--config.*|--ext-diff|--textconv|--open.*|--output.*|--upload.*|--git-dir.*"
    r"|--work-tree.*|--namespace.*|-u|--edit.*|--show-signature"
)


def may_repeat(argv: Sequence[str], folder: str = "") -> bool:
    """Whether allowing exactly these words for the rest of a chat allows one thing and no other.

    Args:
        argv: What runs. `sh -c TEXT` is judged by its text, if that is one plain command.
        folder: Where it runs. A program that stands in there, as in a project's own environment, can be another one
            tomorrow.
    """
    tokens = _one_plain_command(argv)
    if not tokens or not all(_PLAIN_TOKEN.fullmatch(token) for token in tokens):
        return False
    program = tokens[0]
    if "=" in program or program.startswith("-") or not _in_its_place(program):
        return False
    names = {_name(program)}
    if found := shutil.which(program):
        real = os.path.realpath(found)
        names.add(_name(real))  # `vi` is vim, `awk` is mawk, and a link can have any name
        if folder and any(Path(path).is_relative_to(folder) for path in (found, real)):
            return False
    if any(_is_never(name) for name in names):
        return False
    if "git" in names:
        return len(tokens) > 1 and tokens[1] in _GIT_READS and not any(_GIT_RUNS.fullmatch(t) for t in tokens[1:])
    return True


def _one_plain_command(argv: Sequence[str]) -> list[str]:
    """The words of `sh -c TEXT` where its text is nothing but words; of any other program, all of them."""
    if len(argv) == 3 and argv[1] == "-c" and argv[0] in ("/bin/sh", "sh"):
        return argv[2].split(" ") if "  " not in argv[2] and argv[2].strip(" ") == argv[2] else []
    return list(argv)


def _in_its_place(program: str) -> bool:
    """Whether a program is named by its name alone, or stands where only the system puts programs."""
    if "/" not in program:
        return True
    path = Path(program)
    return path.is_absolute() and ".." not in path.parts and str(path.parent) in _SYSTEM_FOLDERS


def _name(program: str) -> str:
    """`/usr/bin/Python3.11.exe` is python."""
    name = program.replace("\\", "/").rsplit("/", 1)[-1].lower()
    return re.sub(r"\.(exe|bat|cmd|com|ps1|basic|tiny|nox|gtk3|real|distrib)$", "", name)


def _is_never(name: str) -> bool:
    bare = re.sub(r"[-_.]?\d[\d.]*(?:[a-z]{1,2})?$", "", name) or name
    return name in _NEVER or bare in _NEVER or bare.endswith(("-config-env", "-exec"))
