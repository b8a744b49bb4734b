import random

import pytest

from kassd.journal.note import Checkpoint, NoteError, Signer, open_note, parse_note, safe_origin

CHECKPOINT = Checkpoint("KASSE-0007", 42, bytes(range(32)))
SIGNER = Signer("KASSE-0007", bytes(32))


def test_key_ids_are_those_of_other_c2sp_tools() -> None:
    """The verifier key of the Go package golang.org/x/mod/sumdb/note's documentation."""
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    with pytest.raises(NoteError, match="not signed by PeterNeumann"):  # and not: key id does not match
        open_note(SIGNER.sign(CHECKPOINT), vkey)


def test_form() -> None:
    lines = SIGNER.sign(CHECKPOINT).split("\n")
    assert lines[:4] == ["KASSE-0007", "42", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", ""]
    assert lines[4].startswith("\u2014 KASSE-0007 ")
    assert lines[5:] == [""]
    assert open_note("\n".join(lines), SIGNER.vkey) == CHECKPOINT


def test_key_file_round_trip() -> None:
    assert Signer.load(SIGNER.dump()).vkey == SIGNER.vkey
    assert Signer.generate("x").vkey != Signer.generate("x").vkey


@pytest.mark.parametrize("text", ["", "PRIVATE+KEY+a+00000000+AAAA", SIGNER.dump()[:-9], "x" * 99])
def test_bad_key_files(text: str) -> None:
    with pytest.raises(NoteError, match="key file"):
        Signer.load(text)


def test_every_bit_flip_is_refused() -> None:
    note = SIGNER.sign(CHECKPOINT).encode()
    for bit in range(len(note) * 8):
        broken = bytearray(note)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NoteError):
            open_note(broken.decode("utf-8", "replace"), SIGNER.vkey)


def test_another_key_does_not_open() -> None:
    with pytest.raises(NoteError, match="not signed by"):
        open_note(SIGNER.sign(CHECKPOINT), Signer("other", bytes(32)).vkey)
    with pytest.raises(NoteError, match="public key"):
        open_note(SIGNER.sign(CHECKPOINT), "KASSE-0007+00000000+AAAA")


def test_noise_is_refused() -> None:
    chance = random.Random(1)
    for _ in range(300):
        text = "".join(chance.choice("a0\n— +=A") for _ in range(chance.randrange(60)))
        with pytest.raises(NoteError):
            parse_note(text)


def test_origins_are_made_safe() -> None:
    assert safe_origin("KASSE-0007") == "KASSE-0007"
    assert safe_origin(" my till+1\n") == "my-till-1"
    with pytest.raises(NoteError):
        safe_origin(" ")
