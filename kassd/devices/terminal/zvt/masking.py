"""Card numbers where nobody expects them: in bytes that cannot be read, in texts for paper. Pure.

A field that is known to be secret hides its bytes itself (``forms``). Here is what is left: whatever has as
many digits as a card number is taken for one.
"""

import re

MASK = "*"
SHORTEST = 12  # digits of a card number
SHOWN_FIRST, SHOWN_LAST = 6, 4

# Packed digits with the separators, masks and padding of tracks; ASCII digits are such nibbles, too.
_NIBBLES = re.compile(rf"[0-9DEF]{{{SHORTEST},}}")
_TRACK_1 = b"^"
# Of one piece, in groups of four, or as on cards with 15 digits; behind it what else is on a track.
_NUMBER = re.compile(
    rf"(?<![0-9])(?:[0-9]{{{SHORTEST},}}|[0-9]{{4}}(?:[ .-][0-9]{{4}}){{2,}}(?:[ .-][0-9]{{1,3}}(?![0-9]))?"
    r"|[0-9]{4}[ .-][0-9]{6}[ .-][0-9]{5})(?P<track>[=D][0-9][0-9A-F?]*|\^.*)?",
    re.DOTALL,
)
_APPLICATION = re.compile(r"A0{6}[0-9]*\Z")  # AIDs of card schemes begin like this, card numbers do not


def hidden_bytes(raw: bytes) -> str:
    """Hex digits in pairs; of a run that may be a card number or a track nothing is left, and behind a track
    1, which has a name in it, neither."""
    digits = raw.hex().upper()
    if _TRACK_1 in raw and (found := _NIBBLES.search(digits)):
        digits = digits[: found.start()].ljust(len(digits), MASK)
    digits = _NIBBLES.sub(lambda run: MASK * len(run[0]), digits)
    return " ".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def hidden_text(text: str) -> str:
    """``text`` with at most the first six and the last four digits of what may be a card number, and nothing
    of a track."""
    return _NUMBER.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    number = found[0]
    if found["track"]:
        return MASK * len(number)
    if _APPLICATION.search(found.string[max(0, found.start() - 1) : found.end()]):
        return number
    last = sum(char.isdigit() for char in number) - SHOWN_LAST
    shown, at = "", 0
    for char in number:
        shown += MASK if char.isdigit() and SHOWN_FIRST <= at < last else char
        at += char.isdigit()
    return shown
