"""PINs and PUKs: who may do what, what was refused and is never sent again, and the first set-up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.diebold import commands as ask
from kassd.tse.diebold.codec import FACTORY_CLIENT, Command
from kassd.tse.diebold.session import Session
from kassd.tse.port import Secrets
from kassd.tse.trials import OWN_ADMIN_PIN, Attempt, Trials

FACTORY_PIN, FACTORY_PUK = "12345", "000000"
T = TypeVar("T")
V = TypeVar("V", str, str | None)


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
        if code := self.verdict(secret, attempt):
            raise refused(code)

    def verdict(self, secret: tuple[str, str, str], attempt: Callable[[], V]) -> str | V:
        """Like :meth:`once`, but the refusal's code is returned."""
        if before := self._refused.get(secret):
            return before
        if code := attempt():
            self._refused[secret] = code
        return code

    def forget(self, secret: tuple[str, str, str]) -> None:
        """This secret is about to be put into force: an earlier refusal says nothing any more."""
        self._refused.pop(secret, None)


async def provision(pins: Pins, call: Calls, secrets: Secrets, client_id: str, trials: Trials) -> None:
    """From any state to active but for the clock: self test, PUKs, PINs, client, initialisation.

    A PUK is changed before its PIN, so where the factory's PIN is no longer right both are done. Only a
    factory-new TSE is tried with the factory's secrets, after ours where a change of them had begun.
    """
    fresh = await call(_tested)
    if fresh:
        for user, pin, puk in (
            (pins.time_admin, secrets.time_admin_pin, secrets.time_admin_puk),
            (pins.admin, secrets.admin_pin, secrets.admin_puk),
        ):
            await _secure(pins, call, user, pin, puk, trials)
    pins.secrets = secrets
    await trials.once(
        OWN_ADMIN_PIN, lambda: call(lambda one: pins.as_admin(one, lambda: _set_up(one, client_id)))
    )


def _tested(session: Session) -> bool:
    """Run the first self test if it is due; whether the TSE is in factory state."""
    slot = ask.slot_info(session)
    if slot.disabled:
        raise refused(codes.DISABLED)
    due = not slot.initialized and ask.number(session, Command.NEXT_SELF_TEST) == 0
    if due and ask.self_test(session, FACTORY_CLIENT) != ask.SELF_TEST_OK:
        raise refused(codes.SELF_TEST_FAILED)
    return not slot.initialized


async def _secure(pins: Pins, call: Calls, user: str, pin: str, puk: str, trials: Trials) -> None:
    """Give one user PUK and PIN in place of the factory's."""

    def logged_in(value: str) -> Attempt:
        return lambda: call(
            lambda session: _judged(lambda: pins.logged_in(session, user, value, lambda: None))
        )

    def changed(session: Session, command: Command, old: str, new: str) -> str:
        def send() -> str:
            return ask.pin_code(session.ask(command, session.config.slot, user, old, new))

        kind = "puk" if command == Command.CHANGE_PUK else "pin"
        code = pins.logged_in(session, user, FACTORY_PIN, lambda: pins.verdict((kind, user, old), send))
        return codes.PUK_BLOCKED if (kind, code) == ("puk", codes.PIN_BLOCKED) else code

    async def with_own() -> str:
        return await call(lambda session: changed(session, Command.CHANGE_PUK, puk, puk))

    async def with_factory() -> str:
        await trials.announce(f"puk_{user}")
        pins.forget(("puk", user, puk))
        return await call(lambda session: changed(session, Command.CHANGE_PUK, FACTORY_PUK, puk))

    if await trials.ours(f"pin_{user}", logged_in(pin), logged_in(FACTORY_PIN)):
        return
    if not trials.began(f"pin_{user}"):  # else the PUK's change was answered
        await trials.ours(f"puk_{user}", with_own, with_factory)
    if pin != FACTORY_PIN:
        await trials.announce(f"pin_{user}")
        pins.forget(("pin", user, pin))
        if code := await call(lambda session: changed(session, Command.CHANGE_PIN, FACTORY_PIN, pin)):
            raise refused(code)


def _judged(log_in: Callable[[], None]) -> str:
    """What was wrong with the PIN, or ``""``."""
    try:
        log_in()
    except TseRefused as error:
        if error.code not in (codes.WRONG_PIN, codes.PIN_BLOCKED):
            raise
        return error.code
    return ""


def _set_up(session: Session, client_id: str) -> None:
    """Register the client and initialise, in the order that the vendor's own software keeps."""
    slot = ask.slot_info(session)
    if client_id not in ask.clients(session):
        ask.for_client(session, Command.REGISTER_CLIENT, client_id)
    if not slot.initialized:
        if ask.self_test(session, client_id) != ask.SELF_TEST_OK:
            raise refused(codes.SELF_TEST_FAILED)
        session.ask(Command.INITIALIZE, session.config.slot, "")
