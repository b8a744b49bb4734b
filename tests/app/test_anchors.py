"""kassd.app.anchors: what others remember is compared with the journal as it was found."""

import json
from pathlib import Path
from typing import Any

import pytest

from kassd.app.anchors import Anchors
from kassd.core.inputs import Input
from kassd.core.state import State
from kassd.core.verdict import Finding
from kassd.journal import Entry, Journal

STATE = State(receipt=17, closing=3)


@pytest.fixture
async def journal(tmp_path: Path) -> Any:
    made, _ = await Journal.open(tmp_path / "journal", "KASSE-1")
    for n in range(3):
        await made.append(Entry("2026-11-21T10:00:00.000000Z", n, "ab" * 8, [{"kind": "x", "data": {}}], []))
    yield made
    await made.close()


def told(journal: Journal, **anchor: Any) -> list[str]:
    heard: list[Input] = []
    anchors = Anchors(journal, "this-process", heard.append)
    anchors.compare(STATE)
    anchors.remembered(json.dumps({"boot": "earlier", "epoch": 1, **anchor}).encode())
    return [input.source for input in heard]  # type: ignore[union-attr]  # they are RollbackFound


async def test_the_document_tells_size_root_and_counters(journal: Journal) -> None:
    document = Anchors(journal, "x", print).document(STATE)
    assert (document.size, document.receipt, document.closing) == (journal.next_seq, 17, 3)
    assert len(bytes.fromhex(document.root)) == 32
    assert document.note.startswith("KASSE-1\n")


async def test_more_lines_or_higher_counters_are_a_rollback(journal: Journal) -> None:
    assert told(journal, size=journal.next_seq + 1) == ["broker"]
    assert told(journal, receipt=18) == ["broker"]
    assert told(journal, closing=4) == ["broker"]


async def test_the_same_or_less_is_none(journal: Journal) -> None:
    document = Anchors(journal, "x", print).document(STATE)
    assert told(journal, size=document.size, root=document.root, receipt=17, closing=3) == []
    assert told(journal, size=1) == []


async def test_other_content_of_the_same_size_is_a_fork(journal: Journal) -> None:
    assert told(journal, size=journal.next_seq, root="00" * 32) == ["broker"]


async def test_what_this_process_has_shown_itself_is_no_anchor(journal: Journal) -> None:
    assert told(journal, boot="this-process", size=journal.next_seq + 9) == []


async def test_garbage_is_logged_and_harmless(journal: Journal) -> None:
    anchors = Anchors(journal, "x", lambda _: pytest.fail("nothing to tell"))
    anchors.compare(STATE)
    for payload in (b"", b"[]", b'{"size": "many"}', b"\xff"):
        anchors.remembered(payload)


async def test_what_the_start_found_is_told_once(journal: Journal) -> None:
    heard: list[Input] = []
    anchors = Anchors(journal, "x", heard.append)
    anchors.recovered([Finding("rollback", "error", "mirror", "m"), Finding("note", "info", "mirror", "i")])
    anchors.compare(STATE)
    anchors.compare(STATE)
    assert len(heard) == 1
