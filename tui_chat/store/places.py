"""Where does everything lie: the one answer to which folder and which file, on every system."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from tui_chat.disk import expanded

HOME_VARIABLE = "YIBU_CHAT_HOME"


class Places(Struct, frozen=True):
    """Two folders, and what lies in them. Nothing is created here."""

    config: Path
    """What the person would miss: settings, key, chats, attachments."""
    cache: Path
    """What can be deleted at any time and comes back."""

    @property
    def settings_file(self) -> Path:
        """Settings, with the person's own comments."""
        return self.config / "settings.toml"

    @property
    def credentials_file(self) -> Path:
        """The API key, readable by its owner alone."""
        return self.config / "credentials.toml"

    @property
    def mcp_file(self) -> Path:
        """Which MCP servers and tools the person has seen and said yes to, by hash."""
        return self.config / "mcp.json"

    @property
    def user_styles(self) -> Path:
        """The person's own style sheet."""
        return self.config / "user.tcss"

    @property
    def sessions(self) -> Path:
        """Folder of chats, one TOML file each."""
        return self.config / "sessions"

    @property
    def locks(self) -> Path:
        """Folder of the locks of open chats and of files under change; empty when nothing runs."""
        return self.config / "locks"

    @property
    def blobs(self) -> Path:
        """Folder of attachment bytes, by SHA-256."""
        return self.config / "blobs"

    @property
    def trash(self) -> Path:
        """Folder of deleted chats."""
        return self.config / "trash"

    @property
    def drafts_file(self) -> Path:
        """What was typed and not sent."""
        return self.config / "drafts.toml"

    @property
    def history_file(self) -> Path:
        """Prompts that were sent, for the composer's history."""
        return self.config / "history.jsonl"

    @property
    def presets_file(self) -> Path:
        """Parameters put away under names."""
        return self.config / "presets.toml"

    @property
    def own_tools(self) -> Path:
        """Folder of the person's own tools, one TOML file each."""
        return self.config / "tools"

    @property
    def tool_backups(self) -> Path:
        """Folder of what files held before a tool changed them."""
        return self.config / "backups"

    @property
    def tool_logs(self) -> Path:
        """Folder of the full output of programs that tools started."""
        return self.cache / "tool-logs"

    @property
    def catalogue_file(self) -> Path:
        """What the list of chats shows, kept so that they needn't all be read."""
        return self.cache / "catalogue.json"

    @property
    def models_cache(self) -> Path:
        """Model lists, by key and address."""
        return self.cache / "models.json"

    @property
    def prices_cache(self) -> Path:
        """Price lists, by address."""
        return self.cache / "prices.json"

    @property
    def refusals_cache(self) -> Path:
        """Which parameters models refused, by model."""
        return self.cache / "refusals.json"

    @property
    def local_models(self) -> Path:
        """Folder of downloaded local models."""
        return self.cache / "local-models"

    @property
    def crash_file(self) -> Path:
        """Where the last mistake of ours happened, without any text of a chat."""
        return self.cache / "crash.txt"


def places(env: Mapping[str, str] = os.environ) -> Places:
    """The system's folders for yibu-chat, or both under the folder that `YIBU_CHAT_HOME` names."""
    if home := env.get(HOME_VARIABLE):
        folder = expanded(home).absolute()
        return Places(folder, folder / "cache")
    import platformdirs  # only needed without the variable

    return Places(
        platformdirs.user_config_path("yibu-chat", appauthor=False),
        platformdirs.user_cache_path("yibu-chat", appauthor=False),
    )
