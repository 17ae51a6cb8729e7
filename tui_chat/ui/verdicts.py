"""How is it said whether an answer in JSON is as it was asked for? In words of the active language."""

from __future__ import annotations

from tui_chat.chat.structured import Verdict
from tui_chat.words import t


def said_of(verdict: Verdict) -> str:
    """In one line whether an answer fits."""
    if verdict.is_valid:
        return t("structured.valid", name=verdict.schema) if verdict.schema else t("structured.valid_json")
    if not verdict.is_json:
        return t("structured.not_json")
    count = len(verdict.violations)
    if not verdict.schema:
        return t("structured.wrong_json", count=count)
    return t("structured.wrong", count=count, name=verdict.schema)


def complaints(verdict: Verdict) -> list[tuple[str, str]]:
    """Path and reason of each violation, in words."""
    return [(each.path, t(each.key) if each.key else each.reason) for each in verdict.violations]
