"""The receipt's QR code (DSFinV-K Anhang I): reading it, and verifying the TSE's signature in it.

The signed bytes are those of the finish log message; the start time is shown but not signed. A code is in
order if the signature covers what it says; how receipts in the field deviate from the form without touching
that is named as warning or note.
"""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator

from kassd.core.verdict import Finding, Verdict
from kassd.deferred import dataclass
from kassd.errors import DataError
from kassd.tse.log.algorithms import (
    Algorithm,
    BadKey,
    PublicKey,
    by_name,
    parse_public_key,
    plain_signature,
    verify,
)
from kassd.tse.log.der import DerError
from kassd.tse.log.messages import TransactionData, signed_bytes
from kassd.tse.log.times import encoded_instant, from_local_iso, signed_candidates, to_iso

KIND = "qr"
MAX_TEXT = 16_384
_COUNTED = ("Transaktionsnummer", "Signaturzähler")
_CODED = ("Signatur", "öffentlicher Schlüssel")
_POINT_SIZES = (64, 96, 128, 132)  # X‖Y of the admitted curves
_HEX = re.compile(r"(?:[0-9A-F]{2}){64,}|(?:[0-9a-f]{2}){64,}", re.ASCII)
_COMMA = re.compile(r"\d,\d\d(?!\d)", re.ASCII)


class QrError(DataError):
    """The text is no receipt QR code; ``id`` is the finding's id, the message is German."""

    def __init__(self, id_: str, message: str) -> None:
        self.id = id_
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Qr:
    """The twelve fields; times as printed, signature and key decoded but otherwise as given; ``unusual``
    names the fields whose Base64 has another spelling than RFC 4648 gives their octets, ``hexadecimal`` those
    in hexadecimal digits instead, ``padded`` the numbers with zeros before them."""

    client_id: str
    process_type: str
    process_data: str
    transaction_number: int
    signature_counter: int
    start: str
    finish: str
    algorithm: str
    time_format: str
    signature: bytes
    public_key: bytes
    unusual: tuple[str, ...] = ()
    padded: tuple[str, ...] = ()
    hexadecimal: tuple[str, ...] = ()


def parse_qr(text: str) -> Qr:
    """Split the text (process data may contain ``;``) or raise :class:`QrError`."""
    text = text.strip()
    if len(text) > MAX_TEXT:
        raise QrError("qr_malformed", "der Text ist für einen QR-Code zu lang")
    left = text.split(";", 3)
    right = left[-1].rsplit(";", 8)
    if len(left) != 4 or len(right) != 9:
        text = "der Text hat nicht die zwölf Felder eines QR-Codes (V0;Kasse;Art;…;Signatur;Schlüssel)"
        raise QrError("qr_malformed", text)
    if left[0] != "V0":
        raise QrError("qr_version", f"die Version {left[0][:10]!r} ist unbekannt")
    data, *counted, start, finish, algorithm, time_format, signature_text, key_text = right
    number, counter = map(_count, counted, _COUNTED)
    coded = signature_text, key_text
    signature, key = map(_decode, coded, _CODED)
    return Qr(
        left[1],
        left[2],
        data,
        number,
        counter,
        start,
        finish,
        algorithm,
        time_format,
        signature,
        key,
        tuple(
            name
            for name, text, octets in zip(_CODED, coded, (signature, key), strict=True)
            if b64encode(octets).decode() != text and not _HEX.fullmatch(text)
        ),
        tuple(name for name, text in zip(_COUNTED, counted, strict=True) if text[0] == "0" != text),
        tuple(name for name, text in zip(_CODED, coded, strict=True) if _HEX.fullmatch(text)),
    )


def _count(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise QrError("qr_malformed", f"{name} {text[:20]!r} ist keine Zahl")
    return int(text)


def _decode(text: str, name: str) -> bytes:
    """Base64; so many octets of nothing but hexadecimal digits are those."""
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise QrError("qr_malformed", f"Feld {name} ist kein Base64") from None


def qr_signed_bytes(qr: Qr, key: PublicKey, algorithm: Algorithm) -> Iterator[tuple[bytes, int]]:
    """Yield what the TSE may have signed, the literal reading (message version 2) first, each with the
    instant it says (unix milliseconds)."""
    data = TransactionData(
        "finish", qr.client_id, qr.process_data.encode(), qr.process_type, qr.transaction_number
    )
    for version in (2, 3):
        for encoded in signed_candidates(from_local_iso(qr.finish), qr.time_format):
            signed = signed_bytes(version, data, key.serial, algorithm.oid, qr.signature_counter, encoded)
            yield signed, encoded_instant(encoded)


def _public_key(raw: bytes) -> PublicKey:
    """A point, a SubjectPublicKeyInfo, or a point without the ``04`` before it."""
    return parse_public_key(b"\x04" + raw if len(raw) in _POINT_SIZES else raw)


def _verify(qr: Qr) -> Iterator[Finding]:
    algorithm = by_name(qr.algorithm)
    if algorithm is None:
        yield Finding("algorithm_unknown", "error", "", f"Verfahren {qr.algorithm[:40]!r} ist unbekannt")
        return
    if algorithm.weak:
        yield Finding("algorithm_weak", "warning", "", f"{algorithm.name} ist schwächer als erlaubt")
    if algorithm.name != qr.algorithm:
        text = f"das Verfahren heißt {algorithm.name}, nicht {qr.algorithm!r}"
        yield Finding("algorithm_spelling", "info", "", text)
    yield from _spelling(qr)
    if from_local_iso(qr.start) > from_local_iso(qr.finish):
        yield Finding("time_backwards", "warning", "", "der Vorgang endet vor seinem Beginn")
    key = _public_key(qr.public_key)
    signature = qr.signature
    if algorithm.scheme == "ecdsa" and len(signature) != 2 * key.size:
        try:
            signature = plain_signature(signature, key)
        except ValueError:
            yield Finding("signature_invalid", "error", "", "die Signatur passt nicht zum Schlüssel")
            return
        yield Finding("signature_der", "info", "", "die Signatur ist als ASN.1 statt als r‖s geschrieben")
    yield from _compare(qr, key, algorithm, signature)


def _spelling(qr: Qr) -> Iterator[Finding]:
    """How the text is written otherwise than DSFinV-K says, which hinders no reading."""
    for name in qr.unusual:
        yield Finding("base64_unusual", "warning", "", f"Feld {name}: das Base64 endet nicht, wie es soll")
    for name in qr.padded:
        yield Finding("number_unusual", "warning", "", f"{name}: vor der Zahl stehen Nullen")
    for name in qr.hexadecimal:
        text = f"Feld {name} ist in hexadezimalen Ziffern geschrieben statt in Base64"
        yield Finding("field_hexadecimal", "warning", "", text)
    for name, time in (("Beginn", qr.start), ("Ende", qr.finish)):
        if not time.endswith("Z"):
            text = f"{name}: {time} ist nicht in UTC (mit Z) angegeben"
            yield Finding("time_offset", "warning", "", text)
    if qr.process_type.lower() == "kassenbeleg-v1" and _COMMA.search(qr.process_data):
        yield Finding("amount_comma", "warning", "", "Beträge haben ein Komma statt eines Punktes")


def _compare(qr: Qr, key: PublicKey, algorithm: Algorithm, signature: bytes) -> Iterator[Finding]:
    for signed, instant in qr_signed_bytes(qr, key, algorithm):
        if verify(key, algorithm, signed, signature):
            if instant != from_local_iso(qr.finish):
                text = f"das Ende ist genauer angegeben als unterschrieben ({to_iso(instant)})"
                yield Finding("time_not_signed", "warning", "", text)
            text = f"nicht unterschrieben, also nicht beweisbar ist der Beginn {qr.start}"
            yield Finding("start_not_signed", "info", "", text)
            return
    text = (
        f"die Signatur mit Zähler {qr.signature_counter} passt nicht zu den Angaben des Belegs: "
        "sie, der Schlüssel oder eine der Angaben (außer dem Beginn) ist verändert"
    )
    yield Finding("signature_invalid", "error", "", text)


def verify_qr(text: str) -> Verdict:
    """Verify a receipt's QR text; ``checked`` is 1. Never raises on bad text.

    Line breaks belong to what is signed (an order's lines end so), but text that was copied from print has
    others: if it verifies without them, they are named.
    """
    verdict = _judge(text)
    joined = re.sub(r"[\r\n]+", "", text.strip())
    if verdict.ok or joined == text.strip() or not (without := _judge(joined)).ok:
        return verdict
    broken = Finding("line_breaks", "warning", "", "der Text enthält Zeilenumbrüche, die nicht dazugehören")
    return Verdict(KIND, 1, (broken, *without.findings))


def _judge(text: str) -> Verdict:
    try:
        qr = parse_qr(text)
        findings = tuple(_verify(qr))
    except QrError as error:
        findings = (Finding(error.id, "error", "", str(error)),)
    except BadKey as error:
        findings = (Finding("key_invalid", "error", "", str(error)),)
    except DerError as error:
        findings = (Finding("qr_malformed", "error", "", str(error)),)
    except UnicodeEncodeError:
        findings = (Finding("qr_malformed", "error", "", "der Text ist nicht UTF-8"),)
    return Verdict(KIND, 1, findings)
