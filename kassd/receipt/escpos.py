"""Laid-out items become ESC/POS bytes, with python-escpos as a pure encoder.

python-escpos (with PyYAML, Pillow and a QR library behind it) costs up to seconds on a small board, so it is
imported by :meth:`Encoder.load` only. It is kept on a short lead: one fixed code page, selected by us at the
start of each job after ``ESC @`` (it does not know that ``ESC @`` selects page 0 again), text encoded by us
(its automatic choice prints € from a Greek page), our own cut and raster bytes, a fresh instance per job.
"""

import contextlib
import importlib.util
import json
import logging
import os
import platform
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from kassd.core.document import Document
from kassd.deferred import dataclass
from kassd.errors import ConfigError
from kassd.receipt import qr, raster, selftest
from kassd.receipt.canvas import CELL_W, qr_matrix
from kassd.receipt.codepage import to_page
from kassd.receipt.layout import layout
from kassd.receipt.page import Cut, Item, Line, Page, Qr, Rule

log = logging.getLogger(__name__)

MEMORY = "/dev/shm"  # a directory of our own is made there
CLONE_SLOTS = (53, 71)  # where Zjiang and Netum boards have CP858, CP1252; they wake up in Kanji mode
HEADED = ("sale", "voucher")  # what a customer takes home

ESC_AT = b"\x1b@"
ESC_R_USA = b"\x1bR\x00"
FS_DOT = b"\x1c."
CUT = b"\x1dVB\x00"  # GS V 66 0: feed to the cutter, cut
TEAR_FEED = b"\x1bd\x05"  # no cutter: past the tear bar


@dataclass(frozen=True, slots=True)
class Profile:
    """What is used of a printer's entry in the capabilities database."""

    name: str
    page: str
    slot: int
    native_qr: bool
    raster: bool
    cutter: bool

    @property
    def prints_qr(self) -> bool:
        """Whether a QR code can come out of this printer at all."""
        return self.native_qr or self.raster


class Encoder:
    """Encodes slips for one printer. Thread-safe; :meth:`load` first, off the event loop.

    ``profile`` is a name of python-escpos' database, ``columns`` what fits a line in font A, ``cache_dir`` a
    directory of ours for the unpickled database (created 0700; refused if others may write into it).
    ``code_page``: ``CP1252:16`` where the profile is wrong; ``logo``: a PNG for the head of receipts.
    """

    def __init__(
        self, profile: str, columns: int, cache_dir: Path, code_page: str = "", logo: Path | None = None
    ) -> None:
        self.name = profile
        self.columns = columns
        self._code_page = code_page
        self._logo_file = logo
        self._logo: tuple[bytes, ...] = ()
        self._cache_dir = cache_dir
        self._lock = threading.Lock()
        self._dummy: Any = None
        self._profile: Profile | None = None

    def load(self) -> Profile:
        """Import what encoding needs (blocking: 0.3 s to some seconds) and return the profile; idempotent.

        Raises:
            ConfigError: the profile is unknown, or the cache directory belongs to others.
        """
        with self._lock:
            if self._profile is None:
                dummy = _import_dummy(self._cache_dir)
                profile = _profile(self.name, dummy)
                if self._code_page:
                    page, _, slot = self._code_page.partition(":")
                    profile = replace(profile, page=page.lower(), slot=int(slot))
                self._logo = self._converted(profile)
                self._profile, self._dummy = profile, dummy
            return self._profile

    def _converted(self, profile: Profile) -> tuple[bytes, ...]:
        """The logo as printer commands; a receipt without it is better than none."""
        if self._logo_file is None or not profile.raster:
            return ()
        try:
            return tuple(raster.strips(raster.read_logo(self._logo_file, self.columns * CELL_W)))
        except ConfigError as error:
            log.error("receipts are printed without their logo: %s", error)
            return ()

    def document(self, document: Document, *, late: bool = False) -> bytes:
        """Lay out and encode one slip as this printer can print it (QR code or clear text)."""
        profile = self.load()
        items = layout(document, self.columns, late=late, qr=profile.prints_qr)
        if document.kind == "test":
            return self._self_test(items)
        return self.encode(items, self._logo if document.kind in HEADED else ())

    def encode(self, items: tuple[Item, ...], logo: tuple[bytes, ...] = ()) -> bytes:
        """Return the bytes of one whole job: reset, code page, content, cut. Loads if not yet loaded.

        Raises:
            ValueError: a QR code on a printer that has neither QR codes nor raster graphics.
        """
        job = self._job()
        job.picture(logo)
        for item in items:
            job.add(item)
        return bytes(job.printer.output)

    def _job(self) -> "_Job":
        profile = self.load()
        return _Job(self._dummy(profile=profile.name), profile, self.columns)

    def _self_test(self, items: tuple[Item, ...]) -> bytes:
        """The page with everything this printer is asked for, and every code page slot tried."""
        job = self._job()
        job.picture(self._logo)
        page = Page(self.columns)
        page.line(selftest.HOW)
        for item in (*items[:-1], *selftest.styles(), *page.items):
            job.add(item)
        job.printer._raw(FS_DOT)  # whatever board it is: out of Kanji mode
        for slot, line in selftest.samples(job.profile.page, job.profile.slot, self.columns):
            job.printer._raw(b"\x1bt" + bytes((slot,)) + line + b"\n")
        job.printer._raw(b"\x1bt" + bytes((job.profile.slot,)))
        if job.profile.prints_qr:
            job.add(Qr(selftest.QR_TEXT))
        job.add(items[-1])
        return bytes(job.printer.output)

    @staticmethod
    def kick(pin: int = 2, on_ms: int = 100, off_ms: int = 400) -> bytes:
        """Return the drawer pulse ``ESC p``; needs no :meth:`load`.

        ``pin`` 2 or 5 of the DK socket; on and off in ms, 2 to 510. The defaults keep the solenoid's duty
        at 20 % when kicks follow each other.
        """
        if pin not in (2, 5):
            raise ValueError(f"pin: expected 2 or 5, got {pin}")
        if not (2 <= on_ms <= 510 and 2 <= off_ms <= 510):
            raise ValueError(f"pulse: expected 2 to 510 ms, got {on_ms} on, {off_ms} off")
        return b"\x1bp" + bytes((0 if pin == 2 else 1, on_ms // 2, off_ms // 2))


class _Job:
    """One job being encoded; sends a style only where it changes."""

    def __init__(self, printer: Any, profile: Profile, columns: int) -> None:
        self.printer = printer
        self.profile = profile
        self.columns = columns
        self.style = Line()
        printer._raw(ESC_AT)
        if profile.slot in CLONE_SLOTS:
            printer._raw(FS_DOT)
        printer._raw(ESC_R_USA)
        printer._raw(b"\x1bt" + bytes((profile.slot,)))

    def add(self, item: Item) -> None:
        match item:
            case Line():
                self._line(item)
            case Rule(heavy):
                self._line(Line(("=" if heavy else "-") * self.columns))
            case Qr(text):
                self._qr(text)
            case Cut():
                self._set(Line())
                self.printer._raw(CUT if self.profile.cutter else TEAR_FEED)

    def picture(self, commands: tuple[bytes, ...]) -> None:
        """A picture that is commands already, centred."""
        if commands:
            self._set(Line(align="center"))
            for command in commands:
                self.printer._raw(command)
            self.printer._raw(b"\n")

    def _set(self, style: Line) -> None:
        now = self.style
        if style.align != now.align:
            self.printer.set(align=style.align)
        if style.bold != now.bold:
            self.printer.set(bold=style.bold)
        if (style.wide, style.tall) != (now.wide, now.tall):
            self.printer.set(custom_size=True, width=1 + style.wide, height=1 + style.tall)
        self.style = style

    def _line(self, line: Line) -> None:
        if line.text:
            self._set(line)
            width = self.columns // 2 if line.wide else self.columns
            self.printer._raw(to_page(line.text, self.profile.page, width))
        self.printer._raw(b"\n")

    def _qr(self, text: str) -> None:
        self._set(Line(align="center"))
        dots = qr.module_dots(text, self.columns * CELL_W)
        if self.profile.native_qr:
            self.printer.qr(text, ec=1, size=dots, model=2, native=True)  # 1 is level M
        elif self.profile.raster:
            for strip in raster_strips(text, dots):
                self.printer._raw(strip)
        else:
            raise ValueError(f"printer profile {self.profile.name} prints no QR code: lay out with qr=False")
        self.printer._raw(b"\n")


def raster_strips(text: str, dots: int) -> Iterator[bytes]:
    """Yield ``GS v 0`` commands that draw the QR code of ``text`` with ``dots`` per module."""
    rows = []
    for modules in qr_matrix(text):
        bits = "".join(("1" if module else "0") * dots for module in modules)
        bits += "0" * (-len(bits) % 8)
        rows += [int(bits, 2).to_bytes(len(bits) // 8, "big")] * dots
    return raster.strips(rows)


def _profile(name: str, dummy: Any) -> Profile:
    try:
        data = dummy(profile=name).profile.profile_data
    except KeyError:
        known = _known_profiles()
        like = get_close_matches(name.casefold(), known, 3, 0.5)
        meant = f"ähnlich heißen {', '.join(known[one] for one in like)}" if like else 'z. B. "TM-T88V"'
        raise ConfigError(
            f"profile = {name!r} kennt python-escpos nicht; {meant}. Ist keines dabei, geht meist "
            '"default", bei Epson-kompatiblen "TM-T88V".'
        ) from None
    slots = {page: int(slot) for slot, page in data["codePages"].items()}
    for page in ("CP1252", "CP858", "CP437"):
        if page in slots:
            break
    else:
        raise ConfigError(
            f"profile = {name!r} hat keine Codepage mit deutschen Buchstaben; stattdessen profile = "
            '"TM-T88V", wenn der Drucker ESC/POS versteht.'
        )
    features = data["features"]
    return Profile(
        name=name,
        page=page.lower(),
        slot=slots[page],
        native_qr=bool(features.get("qrCode")),
        raster=bool(features.get("bitImageRaster")),
        cutter=bool(features.get("paperFullCut") or features.get("paperPartCut")),
    )


def _known_profiles() -> dict[str, str]:
    """All names, by themselves in small letters."""
    from escpos.capabilities import CAPABILITIES

    return {name.casefold(): name for name in CAPABILITIES["profiles"]}


def _import_dummy(cache_dir: Path) -> Any:
    """Import ``escpos.printer.Dummy`` without its traces: no temporary directory, no root log handler."""
    with _primed(cache_dir) as place:
        os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = str(place)
        handlers = logging.root.handlers[:]
        with _swept_mkdtemp():
            from escpos.printer import Dummy
        logging.root.handlers[:] = handlers
    return Dummy


@contextlib.contextmanager
def _primed(cache_dir: Path) -> Iterator[Path]:
    """Where the database lies; on a full disk in memory, for as long as it is read: receipts are printed."""
    try:
        _own(cache_dir)
        _prime(cache_dir)
    except OSError as error:
        log.warning("the printers' database is not kept in %s: %s", cache_dir, error)
        with tempfile.TemporaryDirectory(prefix="kassd-", dir=MEMORY) as made:
            _prime(Path(made))
            yield Path(made)
    else:
        yield cache_dir


def _own(cache_dir: Path) -> None:
    """Make sure that nobody else can put a pickle there: unpickling runs code."""
    cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (cache_dir, *cache_dir.glob("*.pickle")):
        seen = path.lstat()
        if path.is_symlink() or seen.st_uid not in (0, os.geteuid()) or seen.st_mode & 0o022:
            raise ConfigError(
                f"{path} muss diesem Benutzer gehören, und niemand sonst darf dort schreiben (Eigentümer "
                f"{seen.st_uid}, Rechte {seen.st_mode & 0o777:o}). Abhilfe: chmod 700 {cache_dir}"
            )


def _prime(cache_dir: Path) -> None:
    """Write the database as the pickle that python-escpos looks for: from JSON in ms, not from YAML in s."""
    found = importlib.util.find_spec("escpos")
    if found is None or not found.submodule_search_locations:
        raise ConfigError("python-escpos fehlt. kassd neu installieren (pip install python-escpos).")
    source = Path(found.submodule_search_locations[0]) / "capabilities.json"
    target = cache_dir / f"{platform.python_version()}.capabilities.pickle"
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    import pickle  # the daemon needs it at most once, long after its start

    file = tempfile.NamedTemporaryFile(dir=cache_dir, delete=False)  # noqa: SIM115 - closed below
    try:
        with file:
            pickle.dump(json.loads(source.read_text(encoding="utf-8")), file)
            file.flush()
            os.fsync(file.fileno())  # an empty pickle after a power cut would silence the printer for good
        Path(file.name).replace(target)
    except OSError:
        Path(file.name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _swept_mkdtemp() -> Iterator[None]:
    """Remove the directory that ``escpos.capabilities`` makes on import and never uses (3.1).

    Only calls of this thread are swept; others go through to the real function.
    """
    real, me, made = tempfile.mkdtemp, threading.get_ident(), list[str]()

    def mkdtemp(*args: Any, **kwargs: Any) -> str:
        path = str(real(*args, **kwargs))
        if threading.get_ident() == me:
            made.append(path)
        return path

    tempfile.mkdtemp = mkdtemp  # type: ignore[assignment]  # same call, one more line
    try:
        yield
    finally:
        tempfile.mkdtemp = real
        for path in made:
            with contextlib.suppress(OSError):
                os.rmdir(path)
