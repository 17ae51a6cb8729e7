from __future__ import annotations

from tui_chat.store.choices import SETTINGS, Words
from tui_chat.wire.params import PARAMS


def test_every_parameter_can_be_a_default_and_its_range_can_be_said() -> None:
    from tui_chat.store.choices import _allowed

    for param in PARAMS:
        assert _allowed(param.name).strip()
    assert _allowed("nothing").split(", ") == [param.name for param in PARAMS]


def test_only_tables_take_single_entries() -> None:
    assert {name for name, setting in SETTINGS.items() if setting.is_table} == {"values", "keymap", "mcp"}


def test_text_without_options_is_free() -> None:
    assert Words().checked("anything 你好", "x", "f") == "anything 你好"
