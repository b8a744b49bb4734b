"""From an export filter to the device's export command, and its answer back to an archive."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator

from kassd.errors import TseError, TseRefused
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.diebold.archive import Joined
from kassd.tse.diebold.codec import Command, to_date
from kassd.tse.diebold.session import Parameter, Session
from kassd.tse.log.der import DerError
from kassd.tse.log.tar import TarError
from kassd.tse.port import ExportFilter

HIGHEST = 9_999_999_999  # ten digits
LATEST = 4_102_444_799  # 31.12.2099 23:59:59


def command_for(filter: ExportFilter) -> tuple[Command, tuple[Parameter, ...]]:
    """The command that selects least, but all that is asked for; the rest is sieved by the host."""
    client = filter.client_id or ""
    if filter.transaction_number is not None:
        return Command.EXPORT_TRANSACTION, (f"{filter.transaction_number:010d}", client)
    if filter.first_transaction is not None or filter.last_transaction is not None:
        last = HIGHEST if filter.last_transaction is None else filter.last_transaction
        return Command.EXPORT_INTERVAL, (f"{filter.first_transaction or 0:010d}", f"{last:010d}", client)
    if filter.start_time is not None or filter.end_time is not None or client:
        end = LATEST if filter.end_time is None else filter.end_time
        return Command.EXPORT_PERIOD, (to_date(filter.start_time or 0), to_date(end), client)
    return Command.EXPORT_ALL, ()


def pieces(session: Session, filter: ExportFilter, joined: Joined) -> Iterator[bytes]:
    """The archive, one piece for each that the device sends (empty where all was sieved out), its end
    included."""
    command, parameters = command_for(filter)
    current, rest = -1, b""
    try:
        for index, text in session.values(command, session.config.slot, *parameters):
            if index != current:
                _whole(rest)
                joined.begin()
                current = index
            whole = rest + text
            usable = len(whole) - len(whole) % 4
            rest = whole[usable:]
            yield joined.feed(b64decode(whole[:usable], validate=True))
        _whole(rest)
        end = joined.close()
    except TseRefused as error:
        raise _worded(error, filter) from error
    except (TarError, DerError, Base64Error) as error:
        raise TseError(f"Der Export der TSE ist nicht lesbar: {error}") from error
    session.reset_export()
    if filter.transaction_number is not None and not joined.messages:
        raise refused(codes.TRANSACTION_NOT_FOUND, str(filter.transaction_number))
    yield end


def _whole(rest: bytes) -> None:
    if rest:
        raise TseError("Der Export der TSE ist nicht lesbar: das Base64 bricht ab")


def _worded(error: TseRefused, filter: ExportFilter) -> TseRefused:
    """The device knows one error for all that it does not find."""
    if error.code == codes.CLIENT_UNKNOWN:
        return refused(codes.NOT_FOUND, filter.client_id or "")
    numbers = (filter.transaction_number, filter.first_transaction, filter.last_transaction)
    if error.code == codes.NO_DATA and any(number is not None for number in numbers):
        return refused(codes.TRANSACTION_NOT_FOUND)
    return error
