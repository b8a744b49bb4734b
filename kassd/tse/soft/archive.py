"""What a soft TSE exports: selection of log messages by filter, and the archive's members."""

from base64 import b64decode
from collections.abc import Iterator

from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.log.certificates import load
from kassd.tse.log.messages import parse
from kassd.tse.log.names import certificate_name, log_name
from kassd.tse.log.tar import END, entry
from kassd.tse.port import ExportFilter
from kassd.tse.soft.model import Entry
from kassd.tse.soft.signer import Signer


def is_full(chosen: ExportFilter) -> bool:
    """Whether a filter asks for everything."""
    return chosen == ExportFilter()


def select(signer: Signer, chosen: ExportFilter) -> list[Entry]:
    """Return the messages a filter asks for, in order.

    One transaction: its messages only. A range of transactions, a period or a client: the transactions'
    messages and the system messages between or within them. Nothing found is refused, but for
    ``after_counter``, which stands alone: nothing new is an archive without messages.
    """
    index = list(signer.entries())
    if is_full(chosen):
        return index
    if chosen.after_counter is not None:
        return [found for found in index if found.counter > chosen.after_counter]
    if chosen.client_id is not None and chosen.client_id not in {e.client for e in index}:
        raise refused(codes.NOT_FOUND, chosen.client_id)
    hits = [e for e in index if e.number >= 0 and _transaction_matches(e, chosen)]
    if chosen.transaction_number is not None:
        if not hits:
            raise refused(codes.TRANSACTION_NOT_FOUND, str(chosen.transaction_number))
        return hits
    by_number = chosen.first_transaction is not None or chosen.last_transaction is not None
    if by_number and not hits:
        raise refused(codes.TRANSACTION_NOT_FOUND)
    low, high = (hits[0].counter, hits[-1].counter) if by_number else (0, signer.state.counter)
    system = [e for e in index if e.number < 0 and low <= e.counter <= high and _in_period(e, chosen)]
    found = sorted(hits + system)
    if not found:
        raise refused(codes.NO_DATA)
    return found


def _in_period(found: Entry, chosen: ExportFilter) -> bool:
    start, end = chosen.start_time, chosen.end_time
    return (start is None or found.time >= start * 1000) and (end is None or found.time < (end + 1) * 1000)


def _transaction_matches(found: Entry, chosen: ExportFilter) -> bool:
    return (
        chosen.client_id in (None, found.client)
        and chosen.transaction_number in (None, found.number)
        and (chosen.first_transaction is None or found.number >= chosen.first_transaction)
        and (chosen.last_transaction is None or found.number <= chosen.last_transaction)
        and _in_period(found, chosen)
    )


def head(signer: Signer) -> bytes:
    """``info.csv`` and the certificates, as TAR members."""
    seconds, model = signer.now() // 1000, signer.state.model
    fields = {"description": model.description, "manufacturer": "kassd", "version": "soft"}
    csv = ",".join(f'"{name}:","{value}"' for name, value in fields.items()) + "\n"
    return entry("info.csv", csv.encode(), seconds) + certificate_members(signer)


def certificate_members(signer: Signer) -> bytes:
    """The certificates, leaf first, as TAR members."""
    seconds = signer.now() // 1000
    return b"".join(
        entry(certificate_name(load(der).serial.hex()), der, seconds) for der in signer.identity.chain
    )


def certificate_archive(signer: Signer) -> bytes:
    """A complete certificate archive."""
    return certificate_members(signer) + END


def log_members(signer: Signer, entries: list[Entry]) -> Iterator[bytes]:
    """Stored messages as TAR members."""
    for found in entries:
        raw = b64decode(signer.store.read(found.span)["m"])
        yield entry(log_name(parse(raw)), raw, found.time // 1000)
