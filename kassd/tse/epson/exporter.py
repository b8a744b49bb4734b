"""Export sessions of an Epson TSE.

The TSE deletes only at the end of the very session in which everything was read, and executes nothing else
while one is open. So a full export stays open until :meth:`Exporter.delete` or the next call that needs the
TSE, which ends it without deletion: what goes is exactly what was read, and no sale waits for an export.
"""

import asyncio
import logging
from base64 import b64decode
from dataclasses import dataclass

from kassd.errors import TseError, TseRefused
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.epson import codec
from kassd.tse.epson.codec import Base64Stream, Output
from kassd.tse.epson.export import Plan
from kassd.tse.epson.host import Host
from kassd.tse.epson.results import EpsonRefused
from kassd.tse.epson.survey import DECOMMISSIONED
from kassd.tse.epson.users import Users

log = logging.getLogger(__name__)

HOLD_S = 600.0  # the Administrator is logged out by the host after 15 minutes
RETRY_S = 0.01
CANNOT_LOG_IN = (
    *(codes.DISABLED, codes.CERTIFICATE_EXPIRED, codes.STORAGE, codes.SIGNATURES_EXHAUSTED),
    codes.SELF_TEST_DUE,
)


@dataclass(eq=False, slots=True)
class Session:
    """One export. ``size`` as announced; ``read``: the consumer has had all of it."""

    plan: Plan
    size: int
    received: int = 0
    complete: bool = False
    read: bool = False
    read_at: float = 0.0
    last: str = ""


class Exporter:
    """At most one session at a time."""

    def __init__(self, host: Host, users: Users) -> None:
        self._host, self._users = host, users
        self._session: Session | None = None
        self._text = Base64Stream()

    @property
    def holds(self) -> bool:
        """Whether a full export that was read to its end waits for its deletion."""
        session = self._session
        return session is not None and session.read and session.plan.full

    @property
    def open(self) -> bool:
        """Whether a session is open: then nothing but information is to be had."""
        return self._session is not None

    def due(self) -> bool:
        """Whether nothing speaks against ending the session now."""
        session, now = self._session, asyncio.get_running_loop().time()
        return session is None or not self.holds or now - session.read_at >= HOLD_S

    def forget(self) -> None:
        """A new connection: the host knows no session of ours."""
        self._session = None

    async def settle(self) -> None:
        """End an open session without deleting anything."""
        session, self._session = self._session, None
        if session is None:
            return
        try:
            if session.complete:
                await self._host.call("FinalizeExport", {"deleteData": False})
            else:
                await self._host.call("CancelExport")
        except TseRefused as error:
            log.warning("Epson TSE: ending an export: %s", error)

    async def begin(self, plan: Plan) -> Session:
        """Start an export; as Administrator, unless the TSE cannot log anyone in: its log is for everyone.
        Refused as ``SELF_TEST_DUE`` where the host insists on a log-in that waits for the self test."""
        storage, refusal = self._host.storage, None
        if storage is not None and storage.state != DECOMMISSIONED:
            try:
                await self._users.log_in_admin()
            except TseRefused as error:
                if error.code not in CANNOT_LOG_IN:
                    raise
                refusal = error
        try:
            output = await self._asked(plan, plan.function, plan.inputs)
        except TseRefused as error:
            if error.code == codes.NOT_AUTHENTICATED and refusal is not None:
                raise refusal from error
            if error.code != codes.NOT_AUTHENTICATED or not self._users.admin:
                raise
            self._users.admin = False  # the host has logged him out meanwhile
            await self._users.log_in_admin()
            output = await self._asked(plan, plan.function, plan.inputs)
        size = output.get("tarExportSize")
        self._session = Session(plan, size if isinstance(size, int) else 0)
        self._text = Base64Stream()
        return self._session

    async def piece(self, session: Session) -> bytes | None:
        """The next bytes; None: that was all."""
        if session is not self._session:
            raise TseRefused(
                "ExportInterrupted", "Der Export wurde unterbrochen; bitte noch einmal exportieren."
            )
        if session.complete:
            self._check_end(session)
            return None
        output = await self._asked(session.plan, "GetExportData", {}, session)
        text, session.last = str(output.get("exportData") or ""), str(output.get("exportData") or "")
        session.complete = output.get("exportStatus") == codec.EXPORT_COMPLETE
        data = self._text.feed(text)
        session.received += len(data)
        return data

    def _check_end(self, session: Session) -> None:
        self._text.close()
        if session.received < session.size:
            raise TseError(f"Der Export der TSE hat {session.received} von {session.size} Byte.")

    async def _asked(
        self, plan: Plan, function: str, inputs: Output, session: Session | None = None
    ) -> Output:
        """Ask until there is data; what does not exist is refused as the filter's refusal."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._host.config.answer_s

        def fresh(output: Output) -> bool:
            text = output.get("exportData")
            return session is None or text != session.last or not any(b64decode(text or ""))

        while True:
            try:
                return await self._host.call(function, inputs, accept=fresh)
            except EpsonRefused as error:
                if error.code == codes.NO_DATA or (error.code == codes.CLIENT_UNKNOWN and session is None):
                    raise refused(plan.missing) from error
                if error.result != "TSE1_ERROR_EXPORT_RETRY" or loop.time() >= deadline:
                    raise
            await asyncio.sleep(RETRY_S)

    def finish(self, session: Session) -> None:
        """The consumer has everything."""
        session.read, session.read_at = True, asyncio.get_running_loop().time()

    async def delete(self) -> None:
        """Delete what the held session has exported; refused without one."""
        if not self.holds:
            raise refused(codes.UNEXPORTED, "der Export muss unmittelbar vorausgehen")
        limit = self._host.config.self_test_s
        await self._host.call("FinalizeExport", {"deleteData": True}, timeout_s=limit)
        self._session = None
