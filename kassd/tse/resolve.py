"""After a crash: what did the TSE do with the call whose answer nobody read?

Only port calls are used. An answer is taken from the list of open transactions, from the device's last
result where it tells one, and else from the log message in a filtered export, whose signature is checked.
"""

from base64 import b64encode

from kassd.errors import TseError, TseRefused
from kassd.tse.codes import TRANSACTION_NOT_FOUND
from kassd.tse.log.der import DerError
from kassd.tse.log.messages import LogMessage, Operation, TransactionData, parse
from kassd.tse.log.tar import TarError, TarReader
from kassd.tse.log.times import to_iso
from kassd.tse.port import ExportFilter, Signed, Tse
from kassd.tse.signatures import verify_message


async def resolve_start(tse: Tse, client_id: str, known: set[int], waiting: int = 1) -> Signed | None:
    """Return the answer of a start the journal does not know, or None if there was none.

    ``known``: the numbers of this client's transactions that the journal knows. ``waiting``: how many
    starts have no answer, this oldest one included. The newest that many unknown numbers are theirs, in
    their order; older ones stay in the open list. A TSE that holds the number open but not its log message
    raises :class:`TseError`.
    """
    unknown = sorted(number for number in await tse.open_transactions(client_id) if number not in known)
    if not unknown:
        return None
    number = unknown[-waiting:][0]
    if (last := await _last(tse, client_id, number, "start")) is not None:
        return last
    found = await find_signed(tse, client_id, number, "start")
    if found is None:
        raise TseError(f"Der Beginn der offenen Transaktion {number} ist in der TSE nicht auffindbar.")
    return found


async def resolve_finish(tse: Tse, client_id: str, number: int) -> Signed | None:
    """Return the answer of the finish of ``number``; None: the transaction is still open.

    Raises :class:`TseError` when the TSE cannot tell (neither open nor finished in its log).
    """
    if number in await tse.open_transactions(client_id):
        return None
    if (last := await _last(tse, client_id, number, "finish")) is not None:
        return last
    found = await find_signed(tse, client_id, number, "finish")
    if found is None:
        raise TseError(f"Transaktion {number} ist an der TSE weder offen noch beendet.")
    return found


async def _last(tse: Tse, client_id: str, number: int, operation: Operation) -> Signed | None:
    last = await tse.last_result(client_id)
    if last is None or last.operation != operation or last.signed.transaction_number != number:
        return None
    return last.signed


async def find_signed(tse: Tse, client_id: str, number: int, operation: Operation) -> Signed | None:
    """Return the newest such log message of the transaction from the device's own log, or None.

    Raises :class:`TseError` if the export is damaged or the message's signature is not this TSE's.
    """
    found: LogMessage | None = None
    reader = TarReader()
    try:
        async for chunk in tse.export(ExportFilter(transaction_number=number)):
            for member in reader.feed(chunk):
                message = parse(member.data) if member.name.endswith(".log") else None
                if message is None or not _matches(message, client_id, number, operation):
                    continue
                if found is None or found.signature_counter < message.signature_counter:
                    found = message
        reader.close()
    except TseRefused as error:
        if error.code != TRANSACTION_NOT_FOUND:
            raise
        return None
    except (TarError, DerError) as error:
        raise TseError(f"Der Export der TSE ist nicht lesbar: {error}") from error
    if found is None:
        return None
    if not verify_message(await tse.info(), found):
        raise TseError(f"Die Lognachricht zu Transaktion {number} trägt keine gültige Signatur dieser TSE.")
    return _signed(found, number)


def _matches(message: LogMessage, client_id: str, number: int, operation: Operation) -> bool:
    data = message.data
    if not isinstance(data, TransactionData):
        return False
    return (data.client_id, data.transaction_number, data.operation) == (client_id, number, operation)


def _signed(message: LogMessage, number: int) -> Signed:
    return Signed(
        number,
        message.signature_counter,
        to_iso(message.time),
        message.serial.hex(),
        b64encode(message.signature).decode(),
    )
