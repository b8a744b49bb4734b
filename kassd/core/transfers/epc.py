"""What a GiroCode says: EPC069-12 version 002, SEPA credit transfer in euro. Pure.

::

    BCD             service tag
    002             version: BIC is optional
    1               UTF-8
    SCT             SEPA credit transfer
    [BIC]
    name            of who gets the money, at most 70 characters
    IBAN
    EUR3.90         0.01 to 999999999.99
    [purpose]       not used
    [RF reference]  not used: either this or the text
    text            at most 140 characters

Lines end with LF, the last one without; all of it at most 331 bytes, so that at error level M it fits
version 13.
"""

import re

LARGEST = 331  # bytes
HIGHEST = 99_999_999_999  # cents
NAME, TEXT = 70, 140
REFERENCE = 80  # characters of register (30) and sale, which are the text
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
GERMAN = 22  # characters of a German IBAN
BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
# Characters that every bank takes (EPC217-08).
PLAIN = re.compile(r"[A-Za-z0-9/?:().,'+ -]*")


def is_iban(text: str) -> bool:
    """Whether it is an IBAN without blanks whose check digits are right (ISO 13616: modulo 97 is 1)."""
    if not IBAN.fullmatch(text) or (text.startswith("DE") and len(text) != GERMAN):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def is_bic(text: str) -> bool:
    """Whether it has the form of a BIC (ISO 9362)."""
    return BIC.fullmatch(text) is not None


def epc_text(name: str, iban: str, amount: int, text: str, bic: str = "") -> str:
    """The code's content; ``amount`` in cents. Raises ValueError for what a bank would not take."""
    if not 0 < len(name) <= NAME or "\n" in name:
        raise ValueError(f"name: expected 1 to {NAME} characters")
    if not is_iban(iban):
        raise ValueError("iban: wrong check digits")
    if bic and not is_bic(bic):
        raise ValueError("bic: expected 8 or 11 letters and digits")
    if not 0 < amount <= HIGHEST:
        raise ValueError(f"amount: expected 1 to {HIGHEST} cents")
    if len(text) > TEXT or not PLAIN.fullmatch(text):
        raise ValueError(f"text: expected at most {TEXT} plain characters")
    euros = f"EUR{amount // 100}.{amount % 100:02d}"
    content = "\n".join(("BCD", "002", "1", "SCT", bic, name, iban, euros, "", "", text)).rstrip("\n")
    if len(content.encode()) > LARGEST:
        raise ValueError(f"more than {LARGEST} bytes")
    return content


def grouped(iban: str) -> str:
    """``DE89 3704 0044 0532 0130 00``, as people read it."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
