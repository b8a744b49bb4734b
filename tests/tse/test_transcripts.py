"""Recorded TSEs, played again on their wires: the same calls send the same and get the same results.

What lies in ``transcripts`` was recorded by ``kassd tse record``; ``simulated-…`` from our own simulators.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import pytest

from kassd.cli.tse_record import Recording, calls, record
from kassd.errors import DataError, TseError
from kassd.sim.tse.replay import Replay, Transcript, replay
from kassd.sim.tse.stand import KINDS, stand
from kassd.tse.port import Secrets, Tse
from kassd.tse.wire import listening
from tests.tse import unnoted
from tests.tse.recording import TRANSCRIPTS, driver, recorded, secrets_for, settings_for

FILES = sorted(TRANSCRIPTS.glob("*.jsonl"))


@contextmanager
def played(transcript: Transcript, folder: Path) -> Iterator[tuple[Replay, Tse]]:
    """The wire, and the real driver on it."""
    with replay(transcript, folder) as wire:
        settings = settings_for(folder / "register", wire.settings)
        form = driver(settings).secrets_form
        pin, puk = "x" * form.pin_digits, "x" * form.puk_digits
        yield wire, driver(settings, Secrets(pin, pin, puk, puk) if transcript.head["secrets"] else None)


async def made(tse: Tse, transcript: Transcript) -> list[dict[str, object]]:
    """The recorded calls made once more: names, results and errors."""
    recording = Recording(())
    await calls(tse, transcript.head["client_id"], recording)
    return [row for row in recording.rows if "way" not in row]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_the_driver_gets_what_was_recorded(path: Path, tmp_path: Path) -> None:
    transcript = Transcript.load(path)
    with played(transcript, tmp_path) as (wire, tse):
        assert await made(tse, transcript) == list(transcript.calls)
        wire.finish()
    assert transcript.calls[0] == {"call": "open"}
    assert not any("error" in row for row in transcript.calls)


def test_there_is_a_transcript_of_each_family() -> None:
    heads = [Transcript.load(path).head for path in FILES]
    assert {head["driver"] for head in heads} == {"cryptovision", "swissbit", "diebold", "epson"}
    assert {head["wire"] for head in heads} == {"volume", "serial", "tcp", "websocket"}


# -- what is not as recorded is found -----------------------------------------------------------------


def one(driver: str, wire: str) -> Transcript:
    found = (Transcript.load(path) for path in FILES)
    return next(t for t in found if (t.head["driver"], t.head["wire"]) == (driver, wire))


WIRES = [("cryptovision", "volume"), ("swissbit", "volume"), ("diebold", "websocket"), ("epson", "tcp")]


@pytest.mark.parametrize(("family", "wire"), WIRES)
async def test_another_request_ends_the_wire(family: str, wire: str, tmp_path: Path) -> None:
    transcript = one(family, wire)
    sent = [n for n, frame in enumerate(transcript.frames) if frame.sent]
    at = sent[len(sent) // 2]
    frames = list(transcript.frames)
    data = bytearray(frames[at].data)
    data[14 if wire == "websocket" else len(data.rstrip(b"\0")) - 8] ^= 1  # no number drawn at random
    frames[at] = type(frames[at])(True, bytes(data), frames[at].file, frames[at].offset)
    with played(Transcript(transcript.head, transcript.calls, tuple(frames)), tmp_path) as (playing, tse):
        assert await made(tse, transcript) != list(transcript.calls)
        with pytest.raises(DataError, match=f"Nicht wie aufgezeichnet: frame {at}: "):
            playing.finish()


@pytest.mark.parametrize(("family", "wire"), [*WIRES, ("diebold", "serial")])
async def test_what_was_not_asked_for_is_told(family: str, wire: str, tmp_path: Path) -> None:
    with played(one(family, wire), tmp_path) as (playing, tse):
        await tse.open()
        with pytest.raises(DataError, match="frames were not asked for"):
            playing.finish()
        await tse.close()


async def test_a_serial_driver_that_sends_something_else_hears_nothing(tmp_path: Path) -> None:
    transcript = one("diebold", "serial")
    frames = list(transcript.frames)
    data = bytearray(frames[1].data)
    data[4] ^= 1
    frames[1] = type(frames[1])(True, bytes(data))
    with played(Transcript(transcript.head, transcript.calls, tuple(frames)), tmp_path) as (playing, tse):
        with pytest.raises(TseError):
            await tse.open()
        with pytest.raises(DataError, match=r"frame 1: .*was sent instead of"):
            playing.finish()
        await tse.close()


HEAD = '{"format": 1, "wire": "tcp"}\n'
NONE = ["", "[]", "{}", "no json", HEAD.replace("1", "2"), HEAD.replace("tcp", "pigeon")]


@pytest.mark.parametrize("text", [*NONE, HEAD + '{"way": "out"}', HEAD + '{"way": "in", "hex": "x"}'])
def test_what_is_no_transcript_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(text)
    with pytest.raises(DataError, match="keine Aufzeichnung von kassd tse record"):
        Transcript.load(path)


# -- secrets ------------------------------------------------------------------------------------------


def assert_no_secret(rows: list[dict[str, object]], secrets: Secrets) -> None:
    """Neither in the bytes of the wire nor in the rest of the text; plain, base64 or hex."""
    wire = [bytes.fromhex(str(row["hex"])) for row in rows if "hex" in row]
    rest = json.dumps([{k: v for k, v in row.items() if k != "hex"} for row in rows]).encode()
    for text in astuple(secrets):
        for form in (text.encode(), b64encode(text.encode()), text.encode().hex().encode()):
            assert not any(form in data.lower() or form in data for data in wire), form
        assert text.encode() not in rest or text in str(rows[0]), text


@pytest.mark.parametrize("kind", KINDS)
def test_a_fresh_recording_has_no_secret(kind: str, tmp_path: Path) -> None:
    with recorded(kind, tmp_path) as (settings, out):
        secrets = secrets_for(settings)
        with pytest.raises(DataError, match="gibt es schon"):
            record(settings, out)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert_no_secret(rows, secrets)
    transcript = Transcript.load(out)
    assert transcript.head["secrets"]
    assert transcript.head["client_id"] == settings.register.id


@pytest.mark.parametrize("kind", KINDS)
async def test_secrets_are_blotted_out_where_they_are_sent(kind: str, tmp_path: Path) -> None:
    """Setting up and logging in, recorded: every PIN and PUK goes over the wire, and none into the rows."""
    with stand(kind, tmp_path / "tse", latency_s=0.0) as running:
        settings = settings_for(tmp_path, running.settings)
        secrets = secrets_for(settings)
        recording, raw = Recording(astuple(secrets)), bytearray()
        tse = driver(settings, secrets)
        with listening(recording.heard), listening(lambda way, data, where: raw.extend(data)):
            await tse.open()
            await tse.provision(secrets, settings.register.id, unnoted)
            if not tse.tests_itself:
                await tse.self_test(settings.register.id)
            await tse.set_time(1_790_000_000)
            await tse.close()
    used = [text for text in astuple(secrets) if text.encode() in raw or b64encode(text.encode()) in raw]
    assert {secrets.admin_pin, secrets.time_admin_pin, secrets.admin_puk} <= set(used)
    assert sum(row.get("hidden", 0) for row in recording.rows if row["way"] == "out") >= len(used)
    assert_no_secret([{}, *recording.rows], secrets)
