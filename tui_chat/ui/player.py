"""How is a spoken answer heard? By a program of the computer that plays sound, or by the `audio` extra.

Only when the person asks for it. The program gets the file by its full path, no shell in between, and of the
environment only what finds a sound server; it ends with the chat screen at the latest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from tui_chat.errors import UsageError
from tui_chat.wire.messages import SoundFormat

_PASSED = frozenset(
    {
        *("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"),
        *("DBUS_SESSION_BUS_ADDRESS", "PULSE_SERVER", "PULSE_COOKIE", "PULSE_RUNTIME_PATH", "PIPEWIRE_REMOTE"),
        *("PIPEWIRE_RUNTIME_DIR", "ALSA_CONFIG_PATH", "ALSA_CARD", "AUDIODEV", "SYSTEMROOT", "WINDIR", "TEMP", "TMP"),
        *("USERPROFILE", "APPDATA", "LOCALAPPDATA"),
    }
)
"""All that a player sees of the environment; nothing that may hold a key."""
_PLACE = "YIBU_CHAT_SOUND"
_POWERSHELL = f"(New-Object System.Media.SoundPlayer $env:{_PLACE}).PlaySync()"
_END_WITHIN_S = 1.0


class Program(Struct, frozen=True):
    """A program that plays sound."""

    name: str
    arguments: tuple[str, ...] = ()
    """Before the file's path."""
    formats: frozenset[SoundFormat] = frozenset({"wav", "mp3", "flac", "opus", "aac"})
    in_environment: bool = False
    """The path goes by a variable rather than as an argument."""


_WAV: frozenset[SoundFormat] = frozenset({"wav"})
PROGRAMS = (
    Program("ffplay", ("-nodisp", "-autoexit", "-loglevel", "quiet", "-i")),
    Program("mpv", ("--no-config", "--no-video", "--really-quiet", "--")),
    Program("paplay", ("--",), frozenset({"wav", "flac"})),
    Program("pw-play", ("--",), frozenset({"wav", "flac"})),
    Program("afplay", (), frozenset({"wav", "mp3", "aac", "flac"})),
    Program("aplay", ("-q", "--"), _WAV),
    Program("powershell.exe", ("-NoProfile", "-NonInteractive", "-Command", _POWERSHELL), _WAV, in_environment=True),
)
"""In the order in which they are asked for."""


def find_program(format: SoundFormat, env: Mapping[str, str] = os.environ) -> tuple[Program, str] | None:
    """The first program that plays this format, with its full path."""
    for program in PROGRAMS:
        if format not in program.formats or (program.name == "powershell.exe") != (sys.platform == "win32"):
            continue
        if found := shutil.which(program.name, path=_search_path(env)):
            return program, str(Path(found).absolute())
    return None


class Player:
    """Plays one sound at a time."""

    def __init__(self, env: Mapping[str, str] = os.environ) -> None:
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_playing(self) -> bool:
        """Whether something is to be heard."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        return self._process is not None or (self._thread is not None and self._thread.is_alive())

    def play(self, file: Path, format: SoundFormat) -> str:
        """Play a file from its beginning, in place of what plays; the name of what plays it.

        Raises:
            UsageError: there is nothing that plays this format, or it does not start.
        """
        self.stop()
        found = find_program(format, self._env)
        if found is not None:
            program, command = found
            path = str(file.absolute())
            environment = {name: self._env[name] for name in _PASSED if name in self._env}
            arguments = [command, *program.arguments]
            if program.in_environment:
                environment[_PLACE] = path
            else:
                arguments.append(path)
            try:
                self._process = _start(arguments, environment)
            except OSError as error:
                raise UsageError("error.player_start", program=program.name, reason=str(error.strerror)) from error
            return program.name
        if format == "wav" and find_spec("sounddevice") is not None:
            return self._play_by_extra(file)
        raise UsageError("error.no_player", format=format)

    def stop(self) -> None:
        """Let nothing be heard any more."""
        process, self._process = self._process, None
        self._stop.set()
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_END_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(_END_WITHIN_S)

    def _play_by_extra(self, file: Path) -> str:
        import wave

        try:
            import sounddevice

            with wave.open(str(file), "rb") as sound:
                rate_hz, channels = sound.getframerate(), sound.getnchannels()
                samples = sound.readframes(sound.getnframes())
            stream = sounddevice.RawOutputStream(rate_hz, channels=channels, dtype="int16")
        except Exception as error:  # no library, no device, no sound in it: each in words of its own
            raise UsageError("error.player_start", program="sounddevice", reason=str(error)) from error
        stop = self._stop = threading.Event()

        def run() -> None:
            step = rate_hz // 10 * channels * 2
            with stream:
                for at in range(0, len(samples), step):
                    if stop.is_set():
                        return
                    stream.write(samples[at : at + step])

        self._thread = threading.Thread(target=run, name="yibu-sound", daemon=True)
        self._thread.start()
        return "sounddevice"


def _start(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=os.name != "nt",
    )


def _search_path(env: Mapping[str, str]) -> str:
    """Where programs are looked for: folders by their full names alone, never the one we stand in."""
    if sys.platform == "win32":
        system = Path(env.get("SYSTEMROOT", r"C:\Windows")) / "System32"
        return os.pathsep.join((str(system), str(system / "WindowsPowerShell" / "v1.0"), *_absolute(env)))
    return os.pathsep.join(_absolute(env))


def _absolute(env: Mapping[str, str]) -> list[str]:
    return [folder for folder in env.get("PATH", os.defpath).split(os.pathsep) if Path(folder).is_absolute()]
