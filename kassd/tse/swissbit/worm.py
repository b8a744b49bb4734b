"""The vendor's library ``libWormAPI.so`` for what the mailbox has no public command for.

Only these functions are used, as the vendor's header declares them; the operator supplies the library.
Blocking; runs in the device's thread, never while a mailbox command is under way. The users must have been
logged in before.
"""

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kassd.errors import TseGone, TseRefused, TseSilent
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.swissbit.codec import USERS, User
from kassd.tse.swissbit.errors import refusal

NEEDED = "WORM_LIBRARY_NEEDED"
FROM_TSE = 0x1000  # lower codes are the library's own
CHUNK_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_ubyte), ctypes.c_uint, ctypes.c_void_p
)
_TEXT, _POINTER, _INT = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int
FUNCTIONS: dict[str, list[Any]] = {
    "worm_init": [ctypes.POINTER(_POINTER), _TEXT],
    "worm_cleanup": [_POINTER],
    "worm_user_logout": [_POINTER, _INT],
    "worm_user_unblock": [_POINTER, _INT, _TEXT, _INT, _TEXT, _INT, ctypes.POINTER(_INT)],
    "worm_tse_decommission": [_POINTER],
    "worm_export_tar": [_POINTER, CHUNK_CALLBACK, _POINTER],
    "worm_export_deleteStoredData": [_POINTER],
}


class Worm:
    """A library context on the volume; use as a context manager."""

    def __init__(self, library: Path, volume: Path) -> None:
        """Raises ``TseRefused`` if the library cannot be used."""
        try:
            self._library = ctypes.CDLL(str(library))
            for name, arguments in FUNCTIONS.items():
                function = getattr(self._library, name)
                function.argtypes, function.restype = arguments, _INT
        except (OSError, AttributeError) as error:
            raise TseRefused(NEEDED, f"[tse] worm_library: {library} ist nicht benutzbar: {error}") from error
        self._volume = volume
        self._context = _POINTER()

    def __enter__(self) -> "Worm":
        self._check(self._library.worm_init(ctypes.byref(self._context), str(self._volume).encode()))
        return self

    def __exit__(self, *_: object) -> None:
        self._library.worm_cleanup(self._context)

    @staticmethod
    def _check(code: int, *, puk: bool = False) -> None:
        if code >= FROM_TSE:
            raise refusal(code, puk=puk)
        match code:
            case 0:
                return
            case 2 | 3:
                raise TseGone("Die Bibliothek der TSE findet sie nicht: bitte prüfen, ob die TSE steckt.")
            case 4 | 6 | 8 | 13:
                raise TseSilent(f"Die Bibliothek der TSE bekam keine Antwort (Fehler {code}).")
            case 7:
                raise refused(codes.STORAGE)
            case 12:
                raise refused(codes.NO_DATA)
        raise TseRefused(f"WORM_ERROR_{code}", f"Die Bibliothek der TSE meldet den Fehler {code}.")

    def logout(self, user: User) -> None:
        """End a login."""
        self._check(self._library.worm_user_logout(self._context, USERS[user]))

    def unblock(self, user: User, puk: str, new_pin: str) -> None:
        """Set a new PIN with the PUK. A wrong PUK costs one of three tries."""
        left = _INT(0)
        raw, fresh = puk.encode(), new_pin.encode()
        code = self._library.worm_user_unblock(
            self._context, USERS[user], raw, len(raw), fresh, len(fresh), ctypes.byref(left)
        )
        if code >> 8 == 0x11:
            raise refusal(0x1100 | left.value, puk=True)
        self._check(code, puk=True)

    def decommission(self) -> None:
        """Put the TSE out of use for ever. Admin."""
        self._check(self._library.worm_tse_decommission(self._context))

    def export(self, take: Callable[[bytes], None]) -> None:
        """Full export, piece by piece. What ``take`` raises ends it and is raised again."""
        failed: list[BaseException] = []

        def chunk(data: Any, size: int, _: Any) -> int:
            try:
                take(ctypes.string_at(data, size))
            except BaseException as error:  # noqa: BLE001 (must not pass through the library; raised below)
                failed.append(error)
                return 1
            return 0

        code = self._library.worm_export_tar(self._context, CHUNK_CALLBACK(chunk), None)
        if failed:
            raise failed[0]
        self._check(code)

    def delete_stored_data(self) -> None:
        """Delete what a full export of this library has just read. Admin."""
        self._check(self._library.worm_export_deleteStoredData(self._context))


def load(library: Path | None, volume: Path, what: str) -> Worm:
    """The library, or ``TseRefused`` saying that ``what`` (German) needs it."""
    if library is None:
        raise TseRefused(
            NEEDED,
            f"{what} geht bei einer Swissbit-TSE nur mit der Bibliothek des Herstellers; "
            "bitte libWormAPI.so bereitstellen und in [tse] worm_library eintragen.",
        )
    return Worm(library, volume)
