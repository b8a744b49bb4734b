"""What GS1 says of Application Identifiers beyond their form (General Specifications 4.13, 4.14, 3; Digital
Link URI Syntax 4): tables, compared line by line with GS1's syntax dictionary by a test.

AIs stand in rows as in the dictionary: ``31nn`` is every AI of four digits that begins with 31, ``01+21`` is
both together, a comma is "or".
"""

from collections.abc import Collection, Iterator
from functools import cache

# Where a check digit ends, and what it covers: start and end within the value.
CHECK_DIGITS: dict[str, tuple[int, int]] = {
    "00": (0, 18),
    **dict.fromkeys(("01", "02", "03", "8006", "8026"), (0, 14)),
    **dict.fromkeys(("253", "255", "410", "411", "412", "413", "414", "415", "416", "417"), (0, 13)),
    "402": (0, 17),
    "8003": (1, 14),
    **dict.fromkeys(("8017", "8018"), (0, 18)),
}

# Values that begin with YYMMDD; of those in the first row the day may be 00: the last of the month.
DAY_MAY_BE_ZERO = frozenset({"11", "12", "13", "15", "16", "17", "4324", "4325"})
DATES = DAY_MAY_BE_ZERO | {"4326", "7003", "7006", "7007", "7011", "8008"}

_REQUIRED: tuple[tuple[str, str], ...] = (
    ("02 8026", "37"),
    ("10 11 13 15 16 20 240 241 422", "01,02,03,8006,8026"),
    ("12 391n 415", "8020"),
    ("17", "01,02,03,255,8006,8026"),
    ("21 251 7021 8012", "01,03,8006"),
    ("22 235 337n 71n 8001 8014 8200", "01"),
    ("242 7001", "01,02,8006,8026"),
    ("243", "01,03"),
    ("250", "01+21,03+21,8006+21"),
    ("254", "414"),
    ("30 310n 311n 312n 313n 314n 315n 316n 32nn 350n 351n 352n 356n 357n 360n 361n 364n 365n 366n", "01,02"),
    ("7002 7005 7006 7007 7008 7009 703n 8005", "01,02"),
    ("330n 331n 332n 333n 334n 335n 336n 34nn 353n 354n 355n 362n 363n 367n 368n 369n", "00,01"),
    ("37", "00+02,00+8026"),
    ("390n", "255,8020"),
    ("392n", "01+30,01+31nn,01+32nn,01+35nn,01+36nn"),
    ("393n 395n", "30,31nn,32nn,35nn,36nn"),
    ("394n 8111", "255"),
    ("403 4300 4301 4302 4304 4305 4306 4307 4308 4309 4310 4311 4312 4314 4315 4316 4317 4318 4319", "00"),
    ("432n 4330 4331 4332 4333 7041", "00"),
    ("423 424 425 426 7003 7010 7011 8008", "01,02,03"),
    ("427", "01+422,02+422,03+422"),
    ("4303", "4302"),
    ("4313", "4312"),
    ("7004", "01+10,03+10"),
    ("7020", "01+416,03+416,8006+416"),
    ("7022", "01+7021,03+7021,8006+7021"),
    ("723n", "01,8004"),
    ("7240", "01,8006"),
    ("7241 7242 7253 7254 7255 7256 8019", "8017,8018"),
    ("7250 7251 7252 7257 7259", "8018"),
    ("7258", "8018+7259"),
    ("8007 8020", "415"),
    ("8009", "00,01,03"),
    ("8011", "8010"),
    ("8030", "00,01+21,03+21,253,255,8003,8004,8006+21,8010+8011,8017,8018"),
    ("8040", "01+21"),
    ("8041 8042 8043", "01+21+8040"),
)

_EXCLUDED: tuple[tuple[str, str], ...] = (
    ("01", "255,37"),
    ("02", "01,03"),
    ("03", "01,02,37,235"),
    ("21", "235"),
    ("255", "01,02,415,8006,8020,8026"),
    ("390n", "390n,391n,394n,8111"),
    ("391n", "391n"),
    ("392n", "392n,393n"),
    ("393n", "393n"),
    ("394n", "394n,8111"),
    ("395n", "392n,393n,395n,8005"),
    ("420", "421"),
    ("421", "4307"),
    ("422 423 424 425", "426"),
    ("4330", "4331"),
    ("4331", "4330"),
    ("4332", "4333"),
    ("4333", "4332"),
    ("7240", "03"),
    ("7250", "7251"),
    ("7251", "7250"),
    ("7253 7254 7255", "7256,7259"),
    ("7259", "7256"),
    ("8006", "01,03,37"),
    ("8017", "8018"),
    ("8018", "8017"),
    ("8026", "02,03,8006"),
)
_MEASURES = ("31", "32", "33", "34", "35", "36")  # each quantity stands once, with one number of decimals

# Primary keys of a Digital Link, with the sequences of qualifiers that may follow, each of them optional.
LINK_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys(("00", "253", "255", "401", "402", "8003", "8013"), ((),)),
    "01": (("22", "10", "21"), ("235",)),
    "414": (("254",), ("7040",)),
    "415": (("8020",),),
    "417": (("7040",),),
    "8004": (("7040",),),
    "8006": (("22", "10", "21"),),
    "8010": (("8011",),),
    "8017": (("8019",),),
    "8018": (("8019",),),
}
# What a Digital Link may not carry as an attribute
_NOT_IN_QUERY = "03 21 22 235 254 7040 7041 8011 8014 8019 8020 8040 8041 8042 8043 8200"
NOT_IN_QUERY = frozenset(_NOT_IN_QUERY.split(" "))


def matches(pattern: str, ai: str) -> bool:
    """Whether ``ai`` is one of ``pattern`` (``31nn``)."""
    return len(pattern) == len(ai) and ai.startswith(pattern.rstrip("n"))


@cache
def required(ai: str) -> str:
    """What must stand with ``ai``: ``01+30,01+31nn``; '' if it stands alone."""
    return next((needs for who, needs in _REQUIRED if any(matches(p, ai) for p in who.split())), "")


@cache
def excluded(ai: str) -> str:
    """What must not stand with ``ai`` (itself aside): ``255,37``; '' if nothing."""
    if len(ai) == 4 and ai[:2] in _MEASURES:
        return f"{ai[:3]}n"
    return next((others for who, others in _EXCLUDED if any(matches(p, ai) for p in who.split())), "")


def lacks(ai: str, present: Collection[str]) -> bool:
    """Whether none of the groups that ``ai`` requires is whole among ``present``."""
    needs = required(ai)
    return bool(needs) and not any(
        all(any(matches(pattern, other) for other in present if other != ai) for pattern in group.split("+"))
        for group in needs.split(",")
    )


def conflicts(ai: str, present: Collection[str]) -> Iterator[str]:
    """Those of ``present`` that must not stand with ``ai``."""
    for pattern in filter(None, excluded(ai).split(",")):
        yield from (other for other in present if other != ai and matches(pattern, other))


def is_link_path(ais: tuple[str, ...]) -> bool:
    """Whether the AIs may be the path of a Digital Link: a key, then qualifiers in their order."""
    if not ais:
        return False
    return any(_in_order(ais[1:], sequence) for sequence in LINK_KEYS.get(ais[0], ()))


def _in_order(some: tuple[str, ...], sequence: tuple[str, ...]) -> bool:
    rest = iter(sequence)
    return all(ai in rest for ai in some)
