"""One weighing over a Dialog 06 line. Raises :class:`NotWeighed`; the line itself may raise ``OSError``."""

import asyncio
from typing import Protocol

from kassd.devices.scale.dialog06 import (
    ASK,
    EOT,
    Challenge,
    Malformed,
    Refusal,
    Result,
    Secret,
    Token,
    Verdict,
    proof,
    status_request,
    weigh_request,
)
from kassd.errors import KassdError

ANSWER_S = 1.0  # the scale answers in milliseconds
RESTLESS_S = 5.0  # so long goods may take to come to rest
PAUSE_S = 0.1
# Record 09 → reason, what to do. MOVING: asked again until RESTLESS_S is over.
MOVING = (20, 22)
PARITY = 2
REASONS: dict[int, tuple[str, str]] = {
    10: ("record", "Die Waage versteht die Kasse nicht. Den Betreuer rufen."),
    11: ("price", "Die Waage nimmt diesen Grundpreis nicht. Den Betreuer rufen."),
    12: ("tare", "Die Waage nimmt diese Tara nicht. Ohne Tara oder auf einer anderen Waage wiegen."),
    13: ("text", "Die Waage nimmt den Text des Artikels nicht. Den Betreuer rufen."),
    20: ("in_motion", "Die Waage kommt nicht zur Ruhe. Ruhig auflegen und noch einmal wiegen."),
    21: ("not_moved", "Seit dem letzten Wiegen hat sich nichts bewegt. Ware abnehmen und neu auflegen."),
    22: ("unfinished", "Die Waage ist nicht fertig geworden. Noch einmal wiegen."),
    30: ("below_minimum", "Zu leicht für diese Waage. Mehr auflegen oder anders wiegen."),
    31: ("below_zero", "Die Waage steht unter null. Ware abnehmen, Nullstellen drücken, neu wiegen."),
    32: ("overload", "Zu schwer für diese Waage. In Teilen wiegen."),
}
GENERAL = ("fault", "Die Waage meldet einen Fehler. Aus- und einschalten, dann noch einmal wiegen.")
SILENT = ("timeout", "Die Waage antwortet nicht. Strom und Kabel prüfen, dann noch einmal wiegen.")
GARBLED = ("garbled", "Die Waage ist nicht zu verstehen. Kabel und Schnittstelle (9600 7O1) prüfen.")
UNPROVEN = (
    "authentication",
    "Die Waage verlangt einen Nachweis, den diese Kasse nicht hat: so ist die Kopplung nicht zugelassen. Den "
    "Betreuer rufen ([[scale]] secret_credential).",
)


class NotWeighed(KassdError):
    """Nothing was weighed: ``reason`` is a short code, the message German with the next step."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Line(Protocol):
    """A line to a scale."""

    async def send(self, data: bytes) -> None: ...

    async def token(self, timeout_s: float) -> Token:
        """The next of the scale's. Raises ``TimeoutError`` and :class:`Malformed`."""
        ...

    def flush(self) -> None:
        """Forget what has come so far."""


async def weigh(line: Line, secret: Secret | None, unit_price: int, tare: int, text: str) -> Result:
    """Weigh what lies there; asks again while it is moving."""
    try:
        request = weigh_request(unit_price, tare, text)
    except ValueError:
        raise NotWeighed(*REASONS[11]) from None
    loop = asyncio.get_running_loop()
    deadline = loop.time() + RESTLESS_S
    proven = repeated = False
    while True:
        try:
            reply = await _asked(line, request)
        except (Malformed, TimeoutError) as error:
            if repeated:
                raise NotWeighed(*(SILENT if isinstance(error, TimeoutError) else GARBLED)) from error
            repeated = True
            continue
        if isinstance(reply, Result):
            return reply
        if isinstance(reply, Challenge) and not proven and secret is not None:
            proven = True
            await _prove(line, secret, reply)
        elif isinstance(reply, Refusal) and reply.code == PARITY and not repeated:
            repeated = True
        elif isinstance(reply, Refusal) and reply.code in MOVING and loop.time() < deadline:
            await asyncio.sleep(PAUSE_S)
        elif isinstance(reply, Refusal):
            raise NotWeighed(*REASONS.get(reply.code, GENERAL))
        else:
            raise NotWeighed(*UNPROVEN)


async def _asked(line: Line, request: bytes) -> Token:
    """A record and the scale's answer to it. What it does not take it is asked about."""
    line.flush()
    await line.send(request)
    token = await line.token(ANSWER_S)
    if token == "ack":
        await line.send(ASK)
        token = await line.token(ANSWER_S)
    if token == "nak":
        await line.send(status_request())
        token = await line.token(ANSWER_S)
    if token == "ack":
        await line.send(ASK)
        token = await line.token(ANSWER_S)
    if isinstance(token, str):
        raise Malformed(f"{token} in place of an answer")
    await line.send(EOT)
    return token


async def _prove(line: Line, secret: Secret, challenge: Challenge) -> None:
    """Answer the scale's question. Raises :class:`NotWeighed` where it does not believe it."""
    try:
        reply = await _asked(line, proof(secret, challenge))
    except (Malformed, TimeoutError) as error:
        raise NotWeighed(*UNPROVEN) from error
    if reply != Verdict(True):
        raise NotWeighed(*UNPROVEN)
