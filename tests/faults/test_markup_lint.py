"""Rows 12 and 13: no call that reads markup is given a text that was not written by us, on the spot."""

import ast
from pathlib import Path

import pytest

import tui_chat

UI = Path(tui_chat.__file__).parent / "ui"
READERS = {
    "Static",
    "Label",
    "Button",
    "Option",
    "Tab",
    "TabPane",
    "Checkbox",
    "RadioButton",
    "Tooltip",
}
"""Widgets and rows whose first argument is read as markup, unless it is `Content` or `markup=False` stands there."""
LISTS = {"OptionList", "SelectionList", "Tree"}
PROPERTIES = {"border_title", "border_subtitle", "tooltip"}
NEVER = {"from_ansi", "from_text", "render_markup", "escape_markup", "Markdown", "RichLog", "Log"}
"""Readers of sequences or markup in whole texts, and widgets that open links by themselves."""
REVIEWED = {
    ("foot_line.py", "from_markup"),  # a template of ours; key and label come in as variables, which are not read
    ("chips.py", "from_markup"),
    ("section_names.py", "from_markup"),
    ("pick.py", "Option"),  # Content too, and markup=False
    ("chat_list.py", "Static"),  # Content
    ("empty_state.py", "OptionList"),  # every row is Content
    ("structured.py", "Tree"),  # every label is a Text
    ("lines.py", "Option"),  # the prompt is Content; the list has markup=False
}


def name(call: ast.Call) -> str:
    function = call.func
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def is_ours(value: ast.expr) -> bool:
    """A text that stands there as it is, or Content, which is not read."""
    if isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.Call):
        made = ast.unparse(value.func)
        return made.split(".")[0] == "Content" and not made.endswith("from_markup")
    return isinstance(value, ast.Call) and name(value) == "_row"


def findings(source: str, file: str) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in PROPERTIES and not is_ours(node.value):
                    found.append(f"{file}:{node.lineno} {target.attr}")
        if not isinstance(node, ast.Call):
            continue
        called = name(node)
        plain = any(
            word.arg == "markup" and isinstance(word.value, ast.Constant) and word.value.value is False
            for word in node.keywords
        )
        if (file, called) in REVIEWED:
            continue
        if called in NEVER:
            found.append(f"{file}:{node.lineno} {called}")
        if called == "notify" and isinstance(node.func, ast.Attribute) and not plain:
            found.append(f"{file}:{node.lineno} notify without markup=False")
        if called in LISTS and not plain:
            found.append(f"{file}:{node.lineno} {called} without markup=False")
        if called == "from_markup" and not (node.args and isinstance(node.args[0], ast.Constant)):
            found.append(f"{file}:{node.lineno} from_markup of a text that is not written there")
        if called in READERS and not plain and node.args and not is_ours(node.args[0]):
            found.append(f"{file}:{node.lineno} {called}({ast.unparse(node.args[0])})")
    return found


def test_rows_12_13_dynamic_text_is_never_read_as_markup():
    found = [each for path in sorted(UI.rglob("*.py")) for each in findings(path.read_text("utf-8"), path.name)]
    assert found == []


@pytest.mark.parametrize(
    "bad",
    [
        "Static(f'{name}')",
        "Static(t('x', name=name))",
        "Label(text)",
        "self.notify(text)",
        "self.app.notify(f'{x}', severity='error')",
        "Button(label)",
        "Option(title)",
        "OptionList(*rows)",
        "box.border_title = title",
        "Content.from_markup(f'[b]{x}[/b]')",
        "Text.from_ansi(output)",
        "Markdown(reply)",
    ],
)
def test_the_lint_finds_what_it_looks_for(bad):
    assert len(findings(bad, "x.py")) == 1


@pytest.mark.parametrize(
    "good", ["Static(Content(x))", "Static('', markup=False)", "self.notify(x, markup=False)", "Static()"]
)
def test_the_lint_lets_safe_calls_pass(good):
    assert findings(good, "x.py") == []
