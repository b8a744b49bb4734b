"""Moments as DSFinV-K writes them, as unix milliseconds."""

from datetime import datetime
from functools import lru_cache

DAY_MS = 86_400_000


@lru_cache(maxsize=1 << 14)
def instant(text: str) -> int:
    """Unix milliseconds of an RFC 3339 time; -1 if it is none (A11 has said so) or has no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return -1
    if moment.tzinfo is None:
        return -1
    return round(moment.timestamp() * 1000)


def span(milliseconds: int) -> str:
    """``90 s``, ``5 min``, ``3 h``, ``2 Tage``."""
    seconds = milliseconds // 1000
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 172_800 else f"{seconds // 86_400} Tage"
