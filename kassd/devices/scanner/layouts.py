"""Key codes of linux/input-event-codes.h and what they type on the layouts a scanner can be set to.

A scanner in keyboard mode is told which layout the computer has and sends the keys that type the right
characters there. The kernel gives us the keys, so the layout that matters is the scanner's own setting.
"""

from dataclasses import dataclass

TAB, ENTER, KP_ENTER = 15, 28, 96
LEFT_CTRL, RIGHT_CTRL = 29, 97
LEFT_SHIFT, RIGHT_SHIFT = 42, 54
LEFT_ALT, ALT_GR = 56, 100
CAPS_LOCK, NUM_LOCK, SCROLL_LOCK = 58, 69, 70
F8 = 66

SHIFTS = frozenset({LEFT_SHIFT, RIGHT_SHIFT})
CTRLS = frozenset({LEFT_CTRL, RIGHT_CTRL})
SUFFIXES = frozenset({ENTER, KP_ENTER, TAB})
# Modifiers, locks and the two Meta keys type nothing.
SILENT = SHIFTS | CTRLS | {LEFT_ALT, ALT_GR, NUM_LOCK, SCROLL_LOCK, CAPS_LOCK, 125, 126}

KEYPAD_DIGITS = {82: "0", 79: "1", 80: "2", 81: "3", 75: "4", 76: "5", 77: "6", 71: "7", 72: "8", 73: "9"}
KEYPAD = KEYPAD_DIGITS | {83: ".", 74: "-", 78: "+", 55: "*", 98: "/", 117: "=", 121: ","}

# Dead keys wait for the next character. The values are combining characters.
DEAD = {"\u0302": "^", "\u0301": "´", "\u0300": "`"}


@dataclass(frozen=True, slots=True)
class KeyLayout:
    """What each key types: alone, with shift, with AltGr. Dead keys give combining characters."""

    plain: dict[int, str]
    shift: dict[int, str]
    altgr: dict[int, str]


def _row(first: int, chars: str) -> dict[int, str]:
    return {first + i: char for i, char in enumerate(chars)}


US = KeyLayout(
    plain=_row(2, "1234567890-=")
    | _row(16, "qwertyuiop[]")
    | _row(30, "asdfghjkl;'`")
    | {43: "\\", 86: "\\", 57: " "}
    | _row(44, "zxcvbnm,./"),
    shift=_row(2, "!@#$%^&*()_+")
    | _row(16, "QWERTYUIOP{}")
    | _row(30, 'ASDFGHJKL:"~')
    | {43: "|", 86: "|", 57: " "}
    | _row(44, "ZXCVBNM<>?"),
    altgr={},
)

DE = KeyLayout(
    plain=_row(2, "1234567890ß\u0301")
    | _row(16, "qwertzuiopü+")
    | _row(30, "asdfghjklöä\u0302")
    | {43: "#", 86: "<", 57: " "}
    | _row(44, "yxcvbnm,.-"),
    shift=_row(2, '!"§$%&/()=?\u0300')
    | _row(16, "QWERTZUIOPÜ*")
    | _row(30, "ASDFGHJKLÖÄ°")
    | {43: "'", 86: ">", 57: " "}
    | _row(44, "YXCVBNM;:_"),
    altgr={3: "²", 4: "³", 8: "{", 9: "[", 10: "]", 11: "}", 12: "\\"}
    | {16: "@", 18: "€", 27: "~", 50: "µ", 86: "|"},
)

LAYOUTS = {"us": US, "de": DE}
