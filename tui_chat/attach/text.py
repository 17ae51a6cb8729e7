"""Text and code: UTF-8 files that travel inside the message as a fenced block, with the fence's language.

A file that calls itself text but is not UTF-8 is refused with a sentence that says so, since guessing an old encoding
wrong shows the model rubbish that the person never sees.
"""

from __future__ import annotations

import codecs

from tui_chat.attach.kind import Attached, Keep, Kind, Options
from tui_chat.errors import AttachError
from tui_chat.wire.messages import TextFile

_LANGUAGES: dict[str, str] = {
    "asm": ".asm .s",
    "bash": ".sh .bash .zsh .ksh",
    "bat": ".bat .cmd",
    "c": ".c .h",
    "clojure": ".clj .cljs .cljc .edn",
    "cmake": ".cmake",
    "cpp": ".cpp .cc .cxx .hpp .hh .hxx .ino",
    "csharp": ".cs",
    "css": ".css",
    "csv": ".csv",
    "d": ".d",
    "dart": ".dart",
    "diff": ".diff .patch",
    "elixir": ".ex .exs",
    "elm": ".elm",
    "erlang": ".erl .hrl",
    "fish": ".fish",
    "fortran": ".f .f90 .f95 .for",
    "fsharp": ".fs .fsx",
    "glsl": ".glsl .vert .frag",
    "go": ".go",
    "graphql": ".graphql .gql",
    "groovy": ".groovy .gradle",
    "haskell": ".hs .lhs",
    "hcl": ".hcl .tf .tfvars",
    "html": ".html .htm .xhtml",
    "ini": ".ini .cfg .conf .properties .editorconfig .gitconfig .desktop .service",
    "java": ".java",
    "javascript": ".js .mjs .cjs",
    "json": ".json .jsonc .ipynb .geojson .webmanifest",
    "jsonl": ".jsonl .ndjson",
    "jsx": ".jsx",
    "julia": ".jl",
    "kotlin": ".kt .kts",
    "latex": ".tex .sty .cls .bib",
    "less": ".less",
    "lisp": ".lisp .lsp .el .scm .rkt",
    "lua": ".lua",
    "makefile": ".mk",
    "markdown": ".md .markdown .mdx",
    "matlab": ".m",
    "mermaid": ".mmd",
    "nim": ".nim",
    "nix": ".nix",
    "objectivec": ".mm",
    "ocaml": ".ml .mli",
    "pascal": ".pas",
    "perl": ".pl .pm",
    "php": ".php",
    "powershell": ".ps1 .psm1",
    "prolog": ".pro",
    "protobuf": ".proto",
    "python": ".py .pyi .pyw",
    "r": ".r",
    "rst": ".rst",
    "ruby": ".rb",
    "rust": ".rs",
    "sass": ".sass",
    "scala": ".scala .sc",
    "scss": ".scss",
    "solidity": ".sol",
    "sql": ".sql",
    "svelte": ".svelte",
    "swift": ".swift",
    "systemverilog": ".sv",
    "toml": ".toml",
    "tsv": ".tsv .tab",
    "tsx": ".tsx",
    "typescript": ".ts .mts .cts",
    "verilog": ".v",
    "vhdl": ".vhd .vhdl",
    "vim": ".vim",
    "vue": ".vue",
    "xml": ".xml .xsd .xsl .svg .plist .csproj .rss .kml",
    "yaml": ".yaml .yml",
    "zig": ".zig",
    "": ".txt .text .log .out .err .srt .vtt .ics .vcf .eml .adoc .org .env .lock .gitignore .gitattributes "
    ".dockerignore .npmignore .npmrc .nfo .pem .crt .csr .pub .tcss .list .textile",
}
"""Suffixes by the fence's language."""
_BY_SUFFIX = {suffix: language for language, suffixes in _LANGUAGES.items() for suffix in suffixes.split()}
_BY_NAME = {
    "makefile": "makefile",
    "gnumakefile": "makefile",
    "dockerfile": "dockerfile",
    "containerfile": "dockerfile",
    "cmakelists.txt": "cmake",
    "gemfile": "ruby",
    "rakefile": "ruby",
    "vagrantfile": "ruby",
    "jenkinsfile": "groovy",
    "justfile": "just",
    ".bashrc": "bash",
    ".bash_profile": "bash",
    ".profile": "bash",
    ".zshrc": "bash",
    ".vimrc": "vim",
    "nginx.conf": "nginx",
}


def fence_language(name: str) -> str:
    """The info string for a file of this name, "" where there is none."""
    lowered = name.lower()
    return _BY_NAME.get(lowered) or _BY_SUFFIX.get(_suffix(lowered), "")


def is_utf8(content: bytes, whole: bool = True) -> bool:
    """Whether this is UTF-8 text; with `whole` off, whether it is the beginning of one (a letter may be cut)."""
    if b"\0" in content:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _suffix(lowered: str) -> str:
    """The last dot and what follows it; of `.gitignore` the whole."""
    dot = lowered.rfind(".")
    return lowered[dot:] if dot >= 0 else ""


def _recognise(head: bytes, name: str) -> bool:
    lowered = name.lower()
    if lowered in _BY_NAME or _suffix(lowered) in _BY_SUFFIX:
        return True
    # README, LICENSE, dot files and scripts; a name with an unknown suffix is asked about first.
    plain = "." not in lowered or lowered.startswith(".") or head.startswith(b"#!")
    return plain and is_utf8(head, whole=False)


def _make(content: bytes, name: str, options: Options, keep: Keep) -> Attached:
    content = content.removeprefix(codecs.BOM_UTF8)
    if not content:
        raise AttachError("error.attach_empty", name=name)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise AttachError("error.attach_encoding", name=name, encoding="UTF-16")
    if not is_utf8(content):
        if b"\0" in content:
            raise AttachError("error.attach_unknown", name=name)
        if encoding := _likely_encoding(content):
            raise AttachError("error.attach_encoding", name=name, encoding=encoding)
        raise AttachError("error.attach_not_utf8", name=name)
    return Attached(TextFile(keep(content), name, len(content), fence_language(name)))


def _likely_encoding(content: bytes) -> str:
    """What it is if not UTF-8: Chinese text that was never converted is GB18030; anything else is not guessed."""
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    strange = [letter for letter in text if letter > "\x7f"]
    chinese = sum(
        "\u4e00" <= letter <= "\u9fff" or "\u3000" <= letter <= "\u303f" or letter > "\uff00" for letter in strange
    )
    return "GB18030" if chinese * 10 >= len(strange) * 8 else ""


TEXT = Kind("text", tuple(sorted(_BY_SUFFIX)), _recognise, _make)
