"""Exports and certificates out of the log store. Blocking iterators for the device's thread."""

import hashlib
import re
from base64 import b64decode
from collections.abc import Iterator
from itertools import takewhile

from kassd.errors import TseError
from kassd.tse.log.certificates import CertificateError, load
from kassd.tse.log.names import certificate_name, parse_certificate_name, parse_log_name
from kassd.tse.log.tar import END, Member, TarError, TarReader, entry
from kassd.tse.port import ExportFilter
from kassd.tse.swissbit.filters import Row, Selection, row, start_number
from kassd.tse.swissbit.store import CHUNK, Store

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


class Fingerprint:
    """What log messages an archive holds, in their order; tells two exports apart."""

    def __init__(self) -> None:
        self._reader = TarReader()
        self._hash = hashlib.sha256()

    def feed(self, chunk: bytes) -> None:
        """Take more of the archive; raises ``TseError`` if it is damaged."""
        try:
            for member in self._reader.feed(chunk):
                if parse_log_name(member.name) is not None:
                    self._hash.update(f"{member.name}\0{len(member.data)}\0".encode() + member.data)
        except TarError as error:
            raise TseError(f"Der Export der TSE ist beschädigt: {error}") from error

    @property
    def ended(self) -> bool:
        """Whether the zero blocks at the end were there."""
        return self._reader.ended

    def digest(self) -> bytes:
        """SHA-256 over the log messages; raises ``TseError`` if the archive is cut off."""
        try:
            self._reader.close()
        except TarError as error:
            raise TseError(f"Der Export der TSE ist beschädigt: {error}") from error
        return self._hash.digest()


def full_export(store: Store, size: int, seen: Fingerprint) -> Iterator[bytes]:
    """The archive as it stands in the store, checked in passing, with its end."""
    for chunk in store.chunks(0, size):
        seen.feed(chunk)
        yield chunk
    if not seen.ended:
        yield END
    seen.digest()


def filtered(store: Store, size: int, chosen: ExportFilter) -> Iterator[bytes]:
    """A filtered archive: read once to choose, once to give. Raises ``TseRefused`` if nothing is found."""
    head = list(takewhile(lambda member: row(member) is None, store.members(0, size)))
    known = any(parse_certificate_name(member.name) for member in head)
    begin = _begin(store, size, chosen) if known else 0
    selection = Selection(chosen)
    if chosen.after_counter is None:
        found = (row(member) for member in store.members(begin, size))
        selection.see(one for one in found if one is not None)
    selection.conclude()
    if begin:
        yield from (_again(member, None) for member in head)
    for member in store.members(begin, size):
        one = row(member)
        if selection.keeps(one):
            yield _again(member, one)
    yield END


def _again(member: Member, one: Row | None) -> bytes:
    return entry(member.name, member.data, one.time if one else 0)


def _begin(store: Store, size: int, chosen: ExportFilter) -> int:
    """Where what is asked for can begin: numbers and counters rise through the store."""
    first = chosen.first_transaction if chosen.transaction_number is None else chosen.transaction_number
    if chosen.after_counter is not None:
        limit = chosen.after_counter
        place = store.find_back(size, lambda name: _counter(name) <= limit)
    elif first is not None:
        place = store.find_back(
            size, lambda name: (number := start_number(name)) is not None and number <= first
        )
    else:
        return 0
    return place.begin if place else 0


def _counter(name: str) -> int:
    found = parse_log_name(name)
    return 0 if found is None else found.counter


def batches(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces put together to some 256 KiB."""
    gathered: list[bytes] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)


# -- certificates


def stored_chain(store: Store, size: int) -> bytes:
    """The certificates that stand before the first log message, as PEM."""
    found = b""
    for member in takewhile(lambda member: row(member) is None, store.members(0, size)):
        if parse_certificate_name(member.name) is not None:
            found += member.data if b"-----BEGIN" in member.data else _pem(member.data)
    return found


def _pem(der: bytes) -> bytes:
    from base64 import encodebytes

    return b"-----BEGIN CERTIFICATE-----\n" + encodebytes(der) + b"-----END CERTIFICATE-----\n"


def split_chain(pem: bytes, serial: bytes) -> tuple[bytes, ...]:
    """The certificates of a PEM chain in DER, the TSE's own first; raises ``TseError`` if it is not there."""
    chain = tuple(b64decode(body) for body in _PEM.findall(pem))
    if not chain:
        return ()
    try:
        own = next((der for der in chain if load(der).serial == serial), None)
    except CertificateError as error:
        raise TseError(f"Die Zertifikate der TSE sind nicht lesbar: {error}") from error
    if own is None:
        raise TseError("Unter den Zertifikaten der TSE ist ihr eigenes nicht.")
    return (own, *(der for der in chain if der != own))


def certificate_archive(chain: tuple[bytes, ...]) -> bytes:
    """The certificates as a TAR archive."""
    return b"".join(entry(certificate_name(load(der).serial.hex()), der, 0) for der in chain) + END
