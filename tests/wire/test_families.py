"""What is commonly known of models, by their ids."""

import pytest

from tui_chat.wire import families


@pytest.mark.parametrize(
    "model",
    [
        "deepseek-chat", "deepseek/deepseek-reasoner", "deepseek-v3.1", "gpt-3.5-turbo", "gpt-4", "gpt-4-0613",
        "openai/gpt-4-32k", "o1-mini", "o3-mini", "claude-2.1", "kimi-k2-0905-preview", "moonshot-v1-8k",
        "SmolLM2-135M-Instruct",
    ],
)  # fmt: skip
def test_models_that_read_text_alone_are_shown_no_pictures(model: str) -> None:
    assert not families.sees(model) and not families.hears(model)


@pytest.mark.parametrize(
    "model",
    [
        "gpt-4o", "gpt-4.1-mini", "gpt-4-turbo", "gpt-5", "o3", "o4-mini", "claude-sonnet-4", "gemini-2.5-flash",
        "kimi-k2.5", "moonshot-v1-8k-vision-preview", "qwen-vl-max", "deepseek-vl2", "a-model-of-tomorrow",
    ],
)  # fmt: skip
def test_all_others_may_see(model: str) -> None:
    assert families.sees(model)


def test_few_hear() -> None:
    assert families.hears("gpt-4o-audio-preview") and families.hears("gemini-2.5-pro")
    assert not families.hears("gpt-4o") and not families.hears("claude-opus-4")
