"""The names of a screen's sections, in a row: the one that is shown stands out, the others can be clicked."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content


def section_names(labels: Mapping[int, str] | Mapping[str, str], shown: int | str) -> Content:
    """One line; `labels` by section, each a number or a name of ours. A click does `screen.show(section)`."""
    return Content(" ").join(_name(section, label, section == shown) for section, label in labels.items())


def _name(section: int | str, label: str, is_shown: bool) -> Content:
    if is_shown:
        return Content.styled(f" {label} ", "bold reverse")
    return Content.from_markup(f"[@click=screen.show({section!r})] $label [/]", label=label)  # variables are not read
