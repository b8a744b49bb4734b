"""Signatures verified from the CSV alone (E5 to E7): key, rebuilt process data, the finish log message.

What a TSE signed at the end of a transaction is put together from the rows; which of the readings that are
met in the field (message version, time with or without seconds, client) a TSE uses is remembered, so that as
a rule one verification is made per row.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kassd.errors import DataError
from kassd.fiscal.audit.moments import instant
from kassd.fiscal.audit.rows import Row, number
from kassd.tse.log import der
from kassd.tse.log.algorithms import (
    Algorithm,
    BadKey,
    PublicKey,
    by_name,
    parse_public_key,
    plain_signature,
    verifier,
)
from kassd.tse.log.der import DerError
from kassd.tse.log.messages import TYPE_OIDS, operation_name
from kassd.tse.log.times import signed_candidates

_POINT_SIZES = (64, 96, 128, 132)  # X‖Y without the 04 before it
_VERSIONS = (2, 3)


class KeyProblem(DataError):
    """The public key of tse.csv cannot be used (German)."""


@lru_cache(maxsize=64)
def key_of(text: str) -> PublicKey:
    """The key of TSE_PUBLIC_KEY: a point, one without its 04, or a SubjectPublicKeyInfo; base64 or hex."""
    raw = decoded(text)
    if raw is None:
        raise KeyProblem("TSE_PUBLIC_KEY ist weder Base64 noch hexadezimal")
    try:
        return parse_public_key(b"\x04" + raw if len(raw) in _POINT_SIZES else raw)
    except BadKey as error:
        raise KeyProblem(f"TSE_PUBLIC_KEY: {error}") from None


def decoded(text: str) -> bytes | None:
    """Base64, or as many hexadecimal digits; None if it is neither."""
    try:
        if len(text) >= 128 and len(text) % 2 == 0 and not set(text.lower()) - set("0123456789abcdef"):
            return bytes.fromhex(text)
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


@lru_cache(maxsize=256)
def _head(version: int, client: str) -> bytes:
    """Version, type of the data, operation and client: what is the same in every message of a register."""
    parts = (
        der.tlv(der.INTEGER, der.integer_content(version)),
        der.tlv(der.OID, der.oid_content(TYPE_OIDS["transaction"])),
        der.tlv(0x80, operation_name("finish", version).encode()),
        der.tlv(0x81, client.encode()),
    )
    return b"".join(parts)


@lru_cache(maxsize=256)
def _type(process_type: str) -> bytes:
    return der.tlv(0x83, process_type.encode())


@dataclass(slots=True)
class Module:
    """One TSE of a closing. ``serial``: of its key; ``tail``: serial number and algorithm as every message
    has them; ``fits``: whether a signature is the key's; ``reading``: what fitted last, as places: version,
    time, client."""

    key: PublicKey
    algorithm: Algorithm
    time_format: str
    serial: bytes
    tail: bytes
    fits: Callable[[bytes, bytes], bool]
    reading: tuple[int, int, int] = (0, 0, 0)

    def signed(self, row: Row, client: str, data: str, reading: tuple[int, int, int]) -> bytes | None:
        """The octets of one reading; None if there is no such time."""
        version, time_place, _ = reading
        end = instant(row.TSE_TA_ENDE)
        if self.time_format == "unixTime" and not time_place:
            time = der.tlv(der.INTEGER, der.integer_content(end // 1000))
        elif time_place < len(times := signed_candidates(end, self.time_format)):
            time = times[time_place]
        else:
            return None
        return b"".join(
            (
                _head(_VERSIONS[version], client),
                der.tlv(0x82, data.encode()),
                _type(row.TSE_TA_VORGANGSART),
                der.tlv(0x85, der.integer_content(number(row.TSE_TANR))),
                self.tail,
                der.tlv(der.INTEGER, der.integer_content(number(row.TSE_TA_SIGZ))),
                time,
            )
        )

    def plain(self, row: Row) -> bytes | None:
        """The row's signature as r‖s, also where it is written in ASN.1; None if it is no signature."""
        signature = decoded(row.TSE_TA_SIG)
        if signature is None or len(signature) == len(self.key.point) - 1 or self.algorithm.scheme != "ecdsa":
            return signature
        try:
            return plain_signature(signature, self.key)
        except ValueError:
            return None

    def verifies(self, row: Row, signature: bytes | None, clients: Sequence[str], data: str) -> int:
        """Which of ``clients`` made ``signature`` over ``data`` at the row's time; -1: none of them."""
        if signature is None or instant(row.TSE_TA_ENDE) < 0:
            return -1
        for reading in self._readings(len(clients)):
            try:
                signed = self.signed(row, clients[reading[2]], data, reading)
            except DerError:
                return -1
            if signed is not None and self.fits(signed, signature):
                self.reading = reading
                return reading[2]
        return -1

    def _readings(self, clients: int) -> Iterator[tuple[int, int, int]]:
        if self.reading[2] < clients:
            yield self.reading
        for version in (0, 1):
            for time_place in (0, 1):
                for client in range(clients):
                    if (version, time_place, client) != self.reading:
                        yield version, time_place, client


def module_of(row: Row) -> Module:
    """A TSE ready to verify with. Raises :class:`KeyProblem` if its row cannot be used."""
    algorithm = by_name(row.TSE_SIG_ALGO)
    if algorithm is None:
        raise KeyProblem(f"das Verfahren {row.TSE_SIG_ALGO!r} ist unbekannt")
    key = key_of(row.TSE_PUBLIC_KEY)
    inner = der.tlv(der.SEQUENCE, der.tlv(der.OID, der.oid_content(algorithm.oid)))
    tail = der.tlv(der.OCTET_STRING, key.serial) + inner
    return Module(key, algorithm, row.TSE_ZEITFORMAT, key.serial, tail, verifier(key, algorithm))
