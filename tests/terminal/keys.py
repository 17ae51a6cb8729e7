"""Key names to the bytes a terminal sends for them, in the old way and in the Kitty way."""

from __future__ import annotations

LETTERED = {"up": "A", "down": "B", "right": "C", "left": "D", "end": "F", "home": "H"}
FUNCTIONS = {"f1": "P", "f2": "Q", "f4": "S"}
TILDED = {"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6, "f3": 13, "f5": 15, "f6": 17, "f7": 18, "f8": 19}
TILDED |= {"f9": 20, "f10": 21, "f11": 23, "f12": 24}
CODED = {"escape": 27, "enter": 13, "tab": 9, "backspace": 127, "space": 32}
MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4, "super": 8}
SHIFTED = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True))
"""US layout: what Shift makes → the key it is made on."""

DISAMBIGUATE, REPORT_ALL, REPORT_TEXT = 1, 8, 16


def encode_key(name: str, kitty: int = 0) -> bytes:
    """Bytes of one key press.

    Args:
        name: a character, or a name such as "enter", "ctrl+q", "shift+tab", "alt+b", "f5".
        kitty: the flags of the Kitty keyboard protocol that the program has set; 0 = the old way.

    Raises:
        KeyError: no such key.
    """
    *prefixes, key = [name] if len(name) == 1 else name.split("+")
    modifiers = sum(MODIFIERS[prefix] for prefix in prefixes)
    suffix = f";{modifiers + 1}" if modifiers else ""
    if key in LETTERED or key in FUNCTIONS:
        letter = LETTERED.get(key) or FUNCTIONS[key]
        if modifiers:
            return f"\x1b[1{suffix}{letter}".encode()
        return f"\x1bO{letter}".encode() if key in FUNCTIONS and not kitty else f"\x1b[{letter}".encode()
    if key in TILDED:
        return b"\x1bOR" if key == "f3" and not kitty and not modifiers else f"\x1b[{TILDED[key]}{suffix}~".encode()
    if len(key) > 1 and key not in CODED:
        raise KeyError(name)
    return kitty_key(key, modifiers, kitty) if kitty else old_key(key, modifiers)


def old_key(key: str, modifiers: int) -> bytes:
    """The way of the VT100: Control folds letters to C0, Alt is an ESC before, Shift+Enter is Enter."""
    if key == "tab" and modifiers & 1:
        return b"\x1b[Z"
    character = chr(CODED[key]) if key in CODED else key
    if modifiers & 1 and len(key) == 1:
        character = character.upper()
    if modifiers & 4 and (key == "space" or len(key) == 1):
        character = chr(ord(character.upper()) & 0x1F)
    return (b"\x1b" if modifiers & 2 else b"") + character.encode()


def kitty_key(key: str, modifiers: int, flags: int) -> bytes:
    """`CSI code ; modifiers ; text u`, where the flags ask for it."""
    text = " " if key == "space" else key if len(key) == 1 else ""
    if not flags & REPORT_ALL:
        plain = not modifiers or (modifiers == 1 and text)
        if plain and key != "escape":
            return old_key(key, modifiers)
    if text and not text.isascii():
        # No key makes this character: an input method committed it.
        return f"\x1b[0;;{ord(text)}u".encode() if flags & REPORT_TEXT else text.encode()
    code = CODED.get(key) or ord(key.lower())
    if key in SHIFTED:
        code, modifiers = ord(SHIFTED[key]), modifiers | 1
    elif len(key) == 1 and key.isupper():
        modifiers |= 1
    if modifiers & 1 and len(key) == 1:
        text = text.upper()
    makes_text = flags & REPORT_TEXT and text and not modifiers & ~1
    fields = [str(code), str(modifiers + 1) if modifiers else "", str(ord(text)) if makes_text else ""]
    return f"\x1b[{';'.join(fields).rstrip(';')}u".encode()


def mouse(button: int, column: int, row: int, press: bool, cell: tuple[int, int] | None) -> bytes:
    """An SGR mouse report. `column`, `row` from 0; `cell` = cell size in pixels where the program asked for pixels."""
    width, height = cell or (1, 1)
    x = column * width + width // 2 + (0 if cell else 1)
    y = row * height + height // 2 + (0 if cell else 1)
    return f"\x1b[<{button};{x};{y}{'M' if press else 'm'}".encode()
