"""Who else is there? Chat clients for the terminal that pip can install, each pinned, each in its own environment.

They are installed only when asked (`--install`) and told of nothing but the loopback gateway: a home folder made for
the measurement, no keys, no proxies but one that refuses everything outside, so that none of them calls home meanwhile.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.clients import CACHE, Client, Start
from bench.document import message

OFFLINE: dict[str, str | None] = {
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1,localhost",
    "OPENAI_API_KEY": "sk-bench",
    "DO_NOT_TRACK": "1",
}
WHEN = "2026-01-01 12:00:00"


@dataclass(frozen=True)
class Peer:
    """One package of the Python Package Index and how it is driven.

    Attributes:
        name: how it is called here and on the command line.
        package: its name in the index.
        version: the one these adapters were written for.
        client: makes the client, given the folder of its programs.
    """

    name: str
    package: str
    version: str
    client: Callable[[Peer, Path], Client]

    @property
    def folder(self) -> Path:
        """Its environment."""
        return CACHE / "peers" / f"{self.package}-{self.version}"

    @property
    def installed(self) -> bool:
        """Whether its environment is there and whole."""
        return (self.folder / "installed").exists()

    def install(self) -> str:
        """Make its environment; "" or what went wrong, in a line."""
        programs = self.folder / "bin"
        wanted = f"{self.package}=={self.version}"
        steps: tuple[list[str | Path], ...] = (
            [sys.executable, "-m", "venv", self.folder],
            # uv, since the pip that comes with Python 3.11 finds no way through the dependencies of parllama
            [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"],
            [programs / "python", "-m", "uv", "pip", "install", "--quiet", "--python", programs / "python", wanted],
        )
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False)
            if done.returncode:
                return next((row for row in reversed(done.stderr.splitlines()) if row.strip()), "pip failed")
        (self.folder / "installed").touch()
        return ""

    def to_measure(self) -> Client:
        """The client, from its environment."""
        return self.client(self, self.folder / "bin")


# -- llm: a command, no screen; its chat prints what comes as it comes ------------------------------------------------


def llm(peer: Peer, programs: Path) -> Client:
    def start(home: Path, root_url: str, chat: bool) -> Start:
        folder = home / "llm"
        folder.mkdir(exist_ok=True)
        model = {"model_id": "bench", "model_name": "bench", "api_base": f"{root_url}/v1", "api_key_name": "bench"}
        rows = [f"{'- ' if number == 0 else '  '}{name}: {value}" for number, (name, value) in enumerate(model.items())]
        (folder / "extra-openai-models.yaml").write_text("\n".join(rows) + "\n")
        (folder / "keys.json").write_text(json.dumps({"bench": "sk-bench"}))
        return Start([programs / "llm", "chat", "-m", "bench"], {**OFFLINE, "LLM_USER_PATH": str(folder)})

    return Client(peer.name, peer.version, start, re.compile("^>( |$)", re.M), answers_kb=(20, 100, 400), types=False)


# -- oterm: speaks to Ollama ------------------------------------------------------------------------------------------


def oterm(peer: Peer, programs: Path) -> Client:
    def keep(home: Path, messages: int) -> None:
        major, minor, patch = (int(part) for part in peer.version.split("."))
        with closing(sqlite3.connect(home / "store.db")) as store, store:
            store.executescript(
                'CREATE TABLE "chat" ("id" INTEGER, "name" TEXT, "model" TEXT NOT NULL, "system" TEXT,'
                ' "provider" TEXT DEFAULT "ollama", "parameters" TEXT DEFAULT "{}", "tools" TEXT DEFAULT "[]",'
                ' "thinking" BOOLEAN DEFAULT 0, PRIMARY KEY("id" AUTOINCREMENT));'
                'CREATE TABLE "message" ("id" INTEGER, "chat_id" INTEGER NOT NULL, "author" TEXT NOT NULL,'
                ' "text" TEXT NOT NULL, "images" TEXT DEFAULT "[]", PRIMARY KEY("id" AUTOINCREMENT),'
                ' FOREIGN KEY("chat_id") REFERENCES "chat"("id") ON DELETE CASCADE);'
                f"PRAGMA user_version = {(major << 16) + (minor << 8) + patch};"
            )
            store.execute("INSERT INTO chat (id, name, model) VALUES (1, 'bench chat', 'bench')")
            said = [("assistant" if number % 2 else "user", message(number)) for number in range(messages)]
            store.executemany("INSERT INTO message (chat_id, author, text) VALUES (1, ?, ?)", said)

    def start(home: Path, root_url: str, chat: bool) -> Start:
        if not (home / "store.db").exists():
            keep(home, 0)
        (home / "config.json").write_text(json.dumps({"theme": "textual-dark", "splash-screen": False}))
        env = {**OFFLINE, "OLLAMA_URL": root_url, "OTERM_DATA_DIR": str(home)}
        return Start([programs / "oterm"], env)

    return Client(
        peer.name, peer.version, start, re.compile("bench chat"), keep=keep, answers_kb=(5, 10), sizes=(1_000,)
    )


# -- elia -------------------------------------------------------------------------------------------------------------


def elia(peer: Peer, programs: Path) -> Client:
    def keep(home: Path, messages: int) -> None:
        folder = home / ".local/share/elia"
        folder.mkdir(parents=True)
        with closing(sqlite3.connect(folder / "elia.sqlite")) as store, store:
            store.executescript(
                "CREATE TABLE chat (id INTEGER NOT NULL PRIMARY KEY, model VARCHAR NOT NULL, title VARCHAR,"
                " started_at DATETIME DEFAULT (CURRENT_TIMESTAMP), archived BOOLEAN NOT NULL);"
                "CREATE TABLE system_prompt (id INTEGER NOT NULL PRIMARY KEY, title VARCHAR NOT NULL,"
                " prompt VARCHAR NOT NULL, created_at DATETIME DEFAULT (CURRENT_TIMESTAMP));"
                "CREATE TABLE message (id INTEGER NOT NULL PRIMARY KEY, chat_id INTEGER REFERENCES chat(id),"
                " role VARCHAR NOT NULL, content VARCHAR NOT NULL, timestamp DATETIME DEFAULT (CURRENT_TIMESTAMP),"
                " meta JSON, parent_id INTEGER REFERENCES message(id), model VARCHAR);"
            )
            store.execute("INSERT INTO chat VALUES (1, 'bench', 'bench chat', ?, 0)", (WHEN,))
            said = [("system", "You are helpful.")]
            said += [("assistant" if number % 2 else "user", message(number)) for number in range(messages)]
            fields = "chat_id, role, content, timestamp, meta, model"
            insert = f"INSERT INTO message ({fields}) VALUES (1, ?, ?, ?, '{{}}', 'bench')"
            store.executemany(insert, [(*each, WHEN) for each in said])

    def start(home: Path, root_url: str, chat: bool) -> Start:
        folder = home / ".config/elia"
        folder.mkdir(parents=True, exist_ok=True)
        model = {"id": "bench", "name": "openai/bench", "api_base": f"{root_url}/v1", "api_key": "sk-bench"}
        rows = ['default_model = "bench"', "[[models]]", *(f'{name} = "{value}"' for name, value in model.items())]
        (folder / "config.toml").write_text("\n".join(rows) + "\n")
        return Start([programs / "elia"], {**OFFLINE, "LITELLM_LOCAL_MODEL_COST_MAP": "True"})

    return Client(
        peer.name,
        peer.version,
        start,
        re.compile("Enter your message"),
        keep=keep,
        enter=("ctrl+j",),
        answers_kb=(5, 10),
        sizes=(1_000,),
        open_keys=("down", "enter"),
    )


# -- parllama ---------------------------------------------------------------------------------------------------------


def parllama(peer: Peer, programs: Path) -> Client:
    others = ("LlamaCpp", "OpenRouter", "OpenAI", "Gemini", "Github", "XAI", "Anthropic", "Groq", "Mistral")
    settings = {
        "starting_tab": "Chat",
        "use_last_tab_on_startup": False,
        "ui": {"show_first_run": False},
        "last_llm_config": {"provider": "Ollama", "model_name": "bench"},
        "provider": {"disabled_providers": dict.fromkeys((*others, "Deepseek", "LiteLLM", "Bedrock", "Azure"), True)},
        "ollama": {"ollama_ps_poll_interval": 0},
        "schema_version": 2,
    }

    def start(home: Path, root_url: str, chat: bool) -> Start:
        folder = home / "parllama"
        folder.mkdir(exist_ok=True)
        (folder / "settings.json").write_text(json.dumps(settings))
        env = {**OFFLINE, "OLLAMA_HOST": root_url, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        return Start([programs / "parllama", "-d", folder, "-u", root_url], env)

    return Client(peer.name, peer.version, start, re.compile("Type a message"), answers_kb=(20, 100))


PEERS: tuple[Peer, ...] = (
    Peer("llm", "llm", "0.36", llm),
    Peer("elia", "elia-chat", "1.10.0", elia),
    Peer("oterm", "oterm", "0.26.1", oterm),
    Peer("parllama", "parllama", "0.10.1", parllama),
)
