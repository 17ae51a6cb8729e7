"""Sentences stand one behind the other as the language has it."""

from __future__ import annotations

from tui_chat.ui.speech import in_a_row


def test_chinese_sentences_have_no_blank_between_them():
    assert in_a_row("没有模型。", "请按 ^L 选择。") == "没有模型。请按 ^L 选择。"
    assert in_a_row("No model.", "", "Press ^L.") == "No model. Press ^L."
    assert in_a_row("没有模型（x）", "请选择。") == "没有模型（x） 请选择。"
    assert in_a_row() == ""
