"""kassd.app.logs: one line per event."""

import logging

from kassd.app.logs import OneLine


def record(level: int, message: str, **extra: object) -> logging.LogRecord:
    return logging.LogRecord("kassd.x", level, "f", 1, message, (), extra.get("exc_info"))  # type: ignore[arg-type]


def test_line_breaks_stay_in_the_line() -> None:
    assert OneLine(journald=False).format(record(logging.INFO, "a\nb")) == "level=INFO logger=kassd.x a\\nb"


def test_a_traceback_is_one_line() -> None:
    try:
        raise ValueError("x")
    except ValueError as error:
        text = OneLine(journald=False).format(
            record(logging.ERROR, "bad", exc_info=(type(error), error, error.__traceback__))
        )
    assert "\n" not in text
    assert "ValueError: x" in text


def test_journald_gets_a_priority() -> None:
    assert OneLine(journald=True).format(record(logging.ERROR, "a")).startswith("<3>level=ERROR")
