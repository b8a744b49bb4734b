"""The receipt's QR code (DSFinV-K Anhang I): reading it, and verifying the TSE's signature in it.

The signed bytes are those of the finish log message; the start time is shown but not signed.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass

from kassd.core.verdict import Finding, Verdict
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
from kassd.tse.log.times import from_iso, signed_candidates

KIND = "qr"
MAX_TEXT = 16_384


class QrError(DataError):
    """The text is no receipt QR code; ``id`` is the finding's id, the message is German."""

    def __init__(self, id_: str, message: str) -> None:
        self.id = id_
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Qr:
    """The twelve fields; times as printed, signature and key decoded but otherwise as given."""

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


def parse_qr(text: str) -> Qr:
    """Split the text (process data may contain ``;``) or raise :class:`QrError`."""
    text = text.strip("\r\n")
    if len(text) > MAX_TEXT:
        raise QrError("qr_malformed", "der Text ist für einen QR-Code zu lang")
    left = text.split(";", 3)
    right = left[-1].rsplit(";", 8)
    if len(left) != 4 or len(right) != 9:
        raise QrError("qr_malformed", "der QR-Code hat nicht zwölf Felder")
    if left[0] != "V0":
        raise QrError("qr_version", f"die Version {left[0][:10]!r} ist unbekannt")
    data, number, counter, start, finish, algorithm, time_format, signature, key = right
    return Qr(
        left[1],
        left[2],
        data,
        _count(number, "Transaktionsnummer"),
        _count(counter, "Signaturzähler"),
        start,
        finish,
        algorithm,
        time_format,
        _decode(signature, "Signatur"),
        _decode(key, "öffentliche Schlüssel"),
    )


def _count(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise QrError("qr_malformed", f"{name} {text[:20]!r} ist keine Zahl")
    return int(text)


def _decode(text: str, name: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise QrError("qr_malformed", f"Feld {name} ist kein Base64") from None


def qr_signed_bytes(qr: Qr, key: PublicKey, algorithm: Algorithm) -> Iterator[bytes]:
    """Yield what the TSE may have signed, the literal reading (message version 2) first."""
    data = TransactionData(
        "finish", qr.client_id, qr.process_data.encode(), qr.process_type, qr.transaction_number
    )
    for version in (2, 3):
        for encoded in signed_candidates(from_iso(qr.finish), qr.time_format):
            yield signed_bytes(version, data, key.serial, algorithm.oid, qr.signature_counter, encoded)


def _verify(qr: Qr) -> Iterator[Finding]:
    algorithm = by_name(qr.algorithm)
    if algorithm is None:
        yield Finding("algorithm_unknown", "error", "", f"Verfahren {qr.algorithm[:40]!r} ist unbekannt")
        return
    if algorithm.weak:
        yield Finding("algorithm_weak", "warning", "", f"{algorithm.name} ist schwächer als erlaubt")
    if from_iso(qr.start) > from_iso(qr.finish):
        yield Finding("time_backwards", "warning", "", "der Vorgang endet vor seinem Beginn")
    key = parse_public_key(qr.public_key)
    signature = qr.signature
    if algorithm.scheme == "ecdsa" and len(signature) != 2 * key.size:
        try:
            signature = plain_signature(signature, key)
        except ValueError:
            yield Finding("signature_invalid", "error", "", "die Signatur passt nicht zum Schlüssel")
            return
        yield Finding("signature_der", "info", "", "die Signatur ist als ASN.1 statt als r‖s geschrieben")
    if not any(verify(key, algorithm, each, signature) for each in qr_signed_bytes(qr, key, algorithm)):
        text = "die Signatur passt nicht zu den Angaben des Belegs"
        yield Finding("signature_invalid", "error", "", text)


def verify_qr(text: str) -> Verdict:
    """Verify a receipt's QR text; ``checked`` is 1. Never raises on bad text."""
    try:
        qr = parse_qr(text)
        findings = tuple(_verify(qr))
    except QrError as error:
        findings = (Finding(error.id, "error", "", str(error)),)
    except BadKey as error:
        findings = (Finding("key_invalid", "error", "", str(error)),)
    except (DerError, UnicodeEncodeError) as error:
        findings = (Finding("qr_malformed", "error", "", str(error)),)
    return Verdict(KIND, 1, findings)
