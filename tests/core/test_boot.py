"""A configuration that is too long for one line of the journal."""

import json
from typing import Any

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.boot import config_parts
from tests.core.playbook import CONFIG, MAX_LINE, OPENED, Playbook, command, device, replayed

PEOPLE = {
    f"operator.{n:03}.{key}": f"{key} {n} " + "x" * 60 for n in range(300) for key in ("name", "pin", "role")
}


def start(book: Playbook, config: dict[str, Any], config_hash: str) -> int:
    """A process with this file begins; how many lines that takes."""
    parts = list(config_parts(book.state, config, config_hash))
    for n, part in enumerate(parts):
        book >> (part if n else i.Started(part.config, part.config_hash, book.software, book.build))
    return len(parts)


def test_it_takes_some_lines_and_is_in_force() -> None:
    book = Playbook()
    assert start(book, {**CONFIG, **PEOPLE}, "h1") > 3
    assert max(len(json.dumps(line["facts"])) for line in book.lines) < MAX_LINE
    assert book.state.config == {**CONFIG, **PEOPLE}
    assert book.state.files["config"] == "h1"
    assert replayed(book.lines).config == book.state.config
    assert start(book, {**CONFIG, **PEOPLE}, "h1") == 1
    assert not [fact for fact in book.last.facts if isinstance(fact, f.ConfigChanged)]


def test_single_values_come_first() -> None:
    (first, *_) = config_parts(Playbook().state, {**PEOPLE, **CONFIG}, "h1")
    assert first.config["register.id"] == CONFIG["register.id"]
    assert first.config_hash == ""


def test_a_start_that_was_cut_off_goes_on() -> None:
    book = Playbook()
    (part, *more) = config_parts(book.state, {**CONFIG, **PEOPLE}, "h1")
    book >> i.Started(part.config, "", book.software, book.build)
    assert len(list(config_parts(book.state, {**CONFIG, **PEOPLE}, "h1"))) == len(more)
    start(book, {**CONFIG, **PEOPLE}, "h1")
    assert book.state.config == {**CONFIG, **PEOPLE}


def test_what_waits_for_the_closing_goes_on_waiting() -> None:
    book = Playbook()
    start(book, dict(CONFIG), "h1")
    book >> OPENED >> i.TseSurveyed(()) >> device("printer", "ready") >> command("till.open", counted=0)
    book.sign()
    moved = {**CONFIG, "business.city": "Leipzig"}
    assert start(book, moved, "h2") == 1
    assert book.state.pending["business.city"] == "Leipzig"
    assert start(book, {**moved, **PEOPLE}, "h3") > 1
    told = [fact for fact in book.facts(f.ConfigDeferred) if fact.key == "business.city"]
    assert len(told) == 1
    assert book.state.config["operator.299.pin"] == PEOPLE["operator.299.pin"]


def test_a_file_that_shrinks_takes_everything_away() -> None:
    book = Playbook()
    start(book, {**CONFIG, **PEOPLE}, "h1")
    assert start(book, dict(CONFIG), "h2") > 1
    assert book.state.config == CONFIG
