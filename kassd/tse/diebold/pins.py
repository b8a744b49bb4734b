"""PINs and PUKs: who may do what, what was refused and is never sent again, and the first set-up."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.diebold import commands as ask
from kassd.tse.diebold.codec import FACTORY_CLIENT, Command
from kassd.tse.diebold.session import Session
from kassd.tse.port import Note, Secrets

log = logging.getLogger(__name__)

FACTORY_PIN, FACTORY_PUK = "12345", "000000"
T = TypeVar("T")


class Calls(Protocol):
    """Runs a piece of work with the open session, off the event loop."""

    def __call__(self, work: Callable[[Session], T]) -> Awaitable[T]: ...


@dataclass
class Pins:
    """The secrets of one TSE, and the memory of what it refused."""

    secrets: Secrets | None
    admin: str
    time_admin: str
    _refused: dict[tuple[str, str, str], str] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether there is a PIN to log in with."""
        return self.secrets is not None

    def as_admin(self, session: Session, action: Callable[[], T]) -> T:
        """Do something logged in as Admin."""
        return self.logged_in(session, self.admin, self.pin(self.admin), action)

    def as_time_admin(self, session: Session, action: Callable[[], T]) -> T:
        """Do something logged in as TimeAdmin."""
        return self.logged_in(session, self.time_admin, self.pin(self.time_admin), action)

    def _secrets(self) -> Secrets:
        if self.secrets is None:
            raise refused(codes.NOT_AUTHENTICATED, "es ist keine PIN hinterlegt")
        return self.secrets

    def pin(self, user: str) -> str:
        """The PIN of one of the two users."""
        known = self._secrets()
        return known.admin_pin if user == self.admin else known.time_admin_pin

    def logged_in(self, session: Session, user: str, pin: str, action: Callable[[], T]) -> T:
        """Log in, act, log out. Raises ``TseRefused`` for a PIN that is, or once was, refused."""
        session.ask(Command.SET_CLIENT_ID, FACTORY_CLIENT)
        self.once(("pin", user, pin), lambda: ask.log_in(session, user, pin))
        try:
            result = action()
        except TseRefused as error:
            session.settle()  # logs out, too
            if session.expired and error.code == codes.NOT_AUTHENTICATED:  # why the login did not count
                raise refused(codes.CERTIFICATE_EXPIRED) from error
            raise
        session.log_out(user)
        return result

    def once(self, secret: tuple[str, str, str], attempt: Callable[[], str]) -> None:
        """Send a secret, which ``attempt`` does and tells what was wrong, unless it was refused before."""
        if code := self._refused.get(secret) or attempt():
            self._refused[secret] = code
            raise refused(code)


async def provision(pins: Pins, call: Calls, secrets: Secrets, client_id: str, note: Note) -> None:
    """From any state to active but for the clock: self test, PUKs, PINs, client, initialisation.

    A PUK is changed before its PIN, so where the factory's PIN is no longer right both are done. Only a
    factory-new TSE is tried with the factory's PIN; one more try is spent where an earlier attempt ended
    between the two, and none is repeated.
    """
    fresh = await call(_tested)
    if fresh:
        for user, pin, puk in (
            (pins.time_admin, secrets.time_admin_pin, secrets.time_admin_puk),
            (pins.admin, secrets.admin_pin, secrets.admin_puk),
        ):
            await _secure(pins, call, user, pin, puk, note)
    pins.secrets = secrets
    await call(lambda session: pins.as_admin(session, lambda: _set_up(session, client_id)))


def _tested(session: Session) -> bool:
    """Run the first self test if it is due; whether the TSE is in factory state."""
    slot = ask.slot_info(session)
    if slot.disabled:
        raise refused(codes.DISABLED)
    due = not slot.initialized and ask.number(session, Command.NEXT_SELF_TEST) == 0
    if due and ask.self_test(session, FACTORY_CLIENT) != ask.SELF_TEST_OK:
        raise refused(codes.SELF_TEST_FAILED)
    return not slot.initialized


async def _secure(pins: Pins, call: Calls, user: str, pin: str, puk: str, note: Note) -> None:
    """Give one user PUK and PIN in place of the factory's."""

    def still_factory(session: Session) -> bool:
        try:
            pins.logged_in(session, user, FACTORY_PIN, lambda: None)
        except TseRefused as error:
            if error.code != codes.WRONG_PIN:
                raise
            pins.logged_in(session, user, pin, lambda: None)
            return False
        return True

    def change_puk(session: Session) -> None:
        try:
            pins.once(
                ("puk", user, FACTORY_PUK), lambda: changed(session, Command.CHANGE_PUK, FACTORY_PUK, puk)
            )
        except TseRefused as error:
            if error.code != codes.WRONG_PIN:
                raise
            log.info("PUK of user %s: no longer the factory's; is it ours?", user)
            pins.once(("puk", user, puk), lambda: changed(session, Command.CHANGE_PUK, puk, puk))

    def changed(session: Session, command: Command, old: str, new: str) -> str:
        return ask.pin_code(session.ask(command, session.config.slot, user, old, new))

    def change_pin(session: Session) -> None:
        pins.once(("pin", user, FACTORY_PIN), lambda: changed(session, Command.CHANGE_PIN, FACTORY_PIN, pin))

    if not await call(still_factory):
        return
    await note(f"change_puk_{user}")
    await call(lambda session: pins.logged_in(session, user, FACTORY_PIN, lambda: change_puk(session)))
    if pin != FACTORY_PIN:
        await note(f"change_pin_{user}")
        await call(lambda session: pins.logged_in(session, user, FACTORY_PIN, lambda: change_pin(session)))


def _set_up(session: Session, client_id: str) -> None:
    """Register the client and initialise, in the order that the vendor's own software keeps."""
    slot = ask.slot_info(session)
    if client_id not in ask.clients(session):
        ask.for_client(session, Command.REGISTER_CLIENT, client_id)
    if not slot.initialized:
        if ask.self_test(session, client_id) != ask.SELF_TEST_OK:
            raise refused(codes.SELF_TEST_FAILED)
        session.ask(Command.INITIALIZE, session.config.slot, "")
