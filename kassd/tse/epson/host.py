"""The Epson host (printer, server, service) with the TSE in it: opening it, and one function at a time.

A connection that broke before anything was sent is made anew by itself; one that broke in mid-call is told.
Not executed, and so asked again: what the host was busy for, and what it had closed the TSE for. Another TSE
than the opened one is told as soon as anything hints at it, and nothing more is asked of it.
"""

import asyncio
import logging
from collections.abc import Callable

from kassd.errors import TseBusy, TseGone, TseWrong
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.epson import codec
from kassd.tse.epson.codec import Answer, Element, Output, StorageInfo
from kassd.tse.epson.config import EpsonConfig
from kassd.tse.epson.link import Link, connect
from kassd.tse.epson.results import EpsonRefused, error_of

log = logging.getLogger(__name__)

BUSY_POLL_S = 0.01
GRACE_S = 0.5  # the host's own time-out is told, not overtaken
CLOSE_S = 2.0
IDENTIFY = "GetStorageInfo"
CURRENTLY_EXPORTING = "OTHER_ERROR_CURRENTLY_EXPORTING"
STRANGERS = frozenset(  # what a TSE refuses that does not know us
    {codes.NOT_INITIALIZED, codes.CLIENT_UNKNOWN, codes.NOT_AUTHENTICATED, codes.NOT_AUTHORIZED}
    | {codes.SELF_TEST_DUE, codes.TIME_NOT_SET, codes.NO_TRANSACTION}
)
Accept = Callable[[Output], bool]


def _any(_output: Output) -> bool:
    return True


class Host:
    """``connected`` is called after each new connection: what the old one knew may be gone.

    ``storage`` is what GetStorageInfo said last.
    """

    def __init__(self, config: EpsonConfig, connected: Callable[[], None]) -> None:
        self.config = config
        self.storage: StorageInfo | None = None
        self._link: Link | None = None
        self._wanted = False
        self._serial: bytes | None = None  # of the TSE that was opened
        self._connected = connected

    # opening and closing

    @property
    def alive(self) -> bool:
        """Whether there is a connection."""
        return self._link is not None and self._link.alive

    async def open(self) -> StorageInfo:
        """Connect unless connected, open the TSE and look which one it is."""
        self._wanted, self._serial = True, None
        if not self.alive:
            self.storage = None
            await self._connect()
        return await self.look()

    async def close(self) -> None:
        """Give the TSE back and hang up. Raises what goes wrong on the way; hung up it is in any case."""
        self._wanted, link, self._link = False, self._link, None
        if link is None or not link.alive:
            return
        try:
            fits = _named("close_device")
            await link.ask(codec.close_device(self.config.device_id), fits, CLOSE_S)
        finally:
            link.abort()

    async def _connect(self) -> Link:
        link = self._link = await connect(self.config)
        try:
            await self._open_device(link)
            self._connected()
            await self._identify(link)
        except BaseException:
            link.abort()
            raise
        return link

    async def _open_device(self, link: Link) -> None:
        device_id, fits = self.config.device_id, _named("open_device")
        for again in (True, False):
            element = await link.ask(codec.open_device(device_id), fits, self.config.connect_s)
            if element.code == "OK":
                return
            if again:  # as a rule our own former connection holds it
                log.warning("Epson TSE %s: %s; closing and opening it again", device_id, element.code)
                await link.ask(codec.close_device(device_id), _named("close_device"), self.config.connect_s)
        if element.code == "DEVICE_IN_USE":
            raise TseBusy("Die TSE im Epson-Gerät wird von einem anderen Programm benutzt.")
        raise error_of(element.code)

    # functions

    async def look(self) -> StorageInfo:
        """GetStorageInfo: needs no role and writes nothing. Raises :class:`TseWrong` for another TSE."""
        return await self._identify(await self._usable())

    async def _identify(self, link: Link) -> StorageInfo:
        """Ask which TSE it is: the first one since :meth:`open` is ours, another one gets no more calls."""
        found = codec.read_storage_info(await self._execute(link, IDENTIFY, {}, "", None, _any))
        if self._serial not in (None, found.serial):
            self._wanted = False
            link.abort()
            raise TseWrong("Im Epson-Gerät steckt eine andere TSE; bitte die richtige einsetzen.")
        self._serial, self.storage = found.serial, found
        return found

    async def call(
        self,
        function: str,
        inputs: Output | None = None,
        *,
        timeout_s: float | None = None,
        accept: Accept = _any,
    ) -> Output:
        """Execute one function and return its output; raises a leaf of ``TseError``.

        An export that an interrupted process left open would block every function: it is cancelled first.
        ``accept``: whether an output can be the answer to this very call; others are stale and dropped.
        """
        link = await self._usable()
        vendor = self.storage.vendor if self.storage is not None else ""
        try:
            return await self._execute(link, function, inputs or {}, vendor, timeout_s, accept)
        except EpsonRefused as error:
            if error.code in STRANGERS:
                await self._identify(link)
            if error.result != CURRENTLY_EXPORTING:
                raise
        log.warning("Epson TSE: an export was left open; cancelling it")
        await self._execute(link, "CancelExport", {}, vendor, timeout_s, _any)
        return await self._execute(link, function, inputs or {}, vendor, timeout_s, accept)

    async def _usable(self) -> Link:
        if not self._wanted:
            raise TseGone("Die Epson-TSE ist nicht geöffnet.")
        if self._link is not None and self._link.alive:
            return self._link
        return await self._connect()

    async def _execute(
        self, link: Link, function: str, inputs: Output, vendor: str, timeout_s: float | None, accept: Accept
    ) -> Output:
        request = codec.request(function, inputs, vendor)
        limit = timeout_s or self.config.answer_s
        message = codec.operate(self.config.device_id, request, round(limit * 1000))
        if len(message) > codec.MAX_MESSAGE:
            raise refused(codes.PARAMETER, f"{len(message)} Byte, höchstens {codec.MAX_MESSAGE}")
        loop = asyncio.get_running_loop()
        deadline, reopened = loop.time() + limit, False

        def fits(element: Element) -> Element | Answer | None:
            if element.name != "device_data":
                return None
            if element.code not in ("", codec.SUCCESS, "OK"):
                return element
            answer = codec.parse_answer(element)
            mine = answer.function in ("", function)
            ok = answer.result != codec.EXECUTION_OK or accept(answer.output)
            return answer if mine and ok else None

        while True:
            found: Element | Answer = await link.ask(message, fits, limit + GRACE_S)
            if isinstance(found, Answer):
                if found.result == codec.EXECUTION_OK:
                    return found.output
                raise error_of(found.result, _detail(found.output))
            if found.code == "ERROR_DEVICE_BUSY":
                if loop.time() >= deadline:
                    raise TseBusy(f"Das Epson-Gerät ist seit {limit:g} s beschäftigt.")
                await asyncio.sleep(BUSY_POLL_S)
            elif found.code == "DEVICE_NOT_OPEN" and not reopened:
                reopened = True
                await self._open_device(link)
                if function != IDENTIFY:
                    await self._identify(link)
            else:
                link.abort()  # after a time-out of the host its late answer may still come
                raise error_of(found.code)


def _named(name: str) -> Callable[[Element], Element | None]:
    return lambda element: element if element.name == name else None


def _detail(output: Output) -> str:
    left = output.get("remainingRetries")
    return f"noch {left} Versuche" if isinstance(left, int) else ""
