"""Both languages say everything, with the same blanks, and the code asks for nothing they lack."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest

from tui_chat import words
from tui_chat.ui.keys import KEYS
from tui_chat.wire.params import PARAMS

PACKAGE = Path(words.__file__).parent.parent
BLANK = re.compile(r"\{(\w*)[^{}]*\}")


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def asked_for() -> set[str]:
    """Every literal key in the code: the first argument of `t`/`words.t`, error keys, and f-strings as patterns."""
    keys: set[str] = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                first = node.args[0]
                literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
                if name == "t" and literal:
                    keys.add(first.value)
                elif name.endswith("Error") and literal and first.value.startswith("error."):
                    keys.add(f"{first.value}.says")
    return keys


def test_every_language_says_the_same_things_with_the_same_blanks():
    english, chinese = words.sentences("en"), words.sentences("zh")
    assert set(english) == set(chinese)
    differing = {key for key in english if blanks(english[key]) != blanks(chinese[key])}
    assert differing == set()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_sentences_are_those_of_the_file_one_by_one_and_all_together(language):
    text = (Path(words.__file__).parent / f"{language}.toml").read_text("utf-8")
    whole = dict(words._flatten("", tomllib.loads(text)))
    one_by_one, together = words.Sentences(text), words.Sentences(text)
    assert {key: one_by_one[key] for key in reversed(whole)} == whole
    assert dict(together) == whole
    assert "cli" not in together
    assert "no.such.key" not in words.Sentences(text)


def test_no_sentence_is_empty_and_chinese_is_chinese():
    for key, sentence in words.sentences("zh").items():
        assert sentence.strip(), key
    advice = [s for key, s in words.sentences("zh").items() if key.startswith("error.")]
    chinese = [s for s in advice if re.search(r"[\u4e00-\u9fff]", s)]
    assert len(chinese) == len(advice)


def test_the_code_asks_only_for_what_is_there():
    missing = asked_for() - set(words.sentences("en"))
    assert missing == set()


def test_every_key_and_parameter_has_its_words():
    english = words.sentences("en")
    assert [key.id for key in KEYS if f"key.{key.id}" not in english] == []
    for param in PARAMS:
        assert f"param.{param.name}.label" in english
        assert f"param.{param.name}.help" in english
        assert f"param.group.{param.group}" in english


def test_every_failure_says_what_is_wrong():
    english = words.sentences("en")
    failures = {key.rsplit(".", 1)[0] for key in english if key.startswith("error.")}
    assert [failure for failure in failures if f"{failure}.says" not in english] == []


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "zh_CN", "LANG": "de_DE"}, "zh"),
        ({}, "en"),
    ],
)
def test_the_locale_chooses_the_language(monkeypatch, environment, language):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert words.locale_language() == language


def test_blanks_are_filled_in_the_active_language():
    before = words.language()
    try:
        words.speak("zh")
        assert words.t("error.stdin_too_large.says", megabytes=32) == "管道输入超过 32 MB。"
        words.speak("xx")
        assert words.language() == "en"
    finally:
        words.speak(before)


def test_a_sentence_does_without_what_nobody_told():
    before = words.language()
    try:
        words.speak("en")
        assert "$1" in words.t("error.balance_low.says", left="$1", needed="$2")
        assert words.t("error.balance_low.says", left=words.UNKNOWN, needed=words.UNKNOWN).endswith("too low.")
        words.speak("zh")
        assert words.t("error.balance_low.says", left="$1", needed=words.UNKNOWN) == "账户余额不足。"
    finally:
        words.speak(before)
