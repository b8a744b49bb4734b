"""The TSE in one closing (E1, E4 to E9, E13): its module rows, and each Vorgang's transaction."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from kassd.fiscal.audit.book import Book
from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.moments import DAY_MS, instant, span
from kassd.fiscal.audit.process import ORDER, OTHER, RECEIPT, rebuilt
from kassd.fiscal.audit.rows import Closing, Receipt, Row, number
from kassd.fiscal.audit.signature import KeyProblem, Module, decoded, module_of
from kassd.fiscal.audit.witness import qr_digest
from kassd.tse.log.certificates import CertificateError, TseCertificate, check_issuer, load, split

UNSIGNED = frozenset({"AVSonstige", "AVBelegstorno"})  # other registers need not sign these
TOLERANCE_MS = 15 * 60_000
WARN_MS = 90 * DAY_MS
_SIGNED = ("TSE_TANR", "TSE_TA_START", "TSE_TA_ENDE", "TSE_TA_VORGANGSART", "TSE_TA_SIGZ", "TSE_TA_SIG")


class Transaction(NamedTuple):
    """One row of transactions_tse.csv as it goes beyond its closing; numbers are -1 where it has none.

    ``digest`` covers what a finish log message says of it: client, type, data; None where the rows do
    not tell the data. ``signature`` and ``qr`` (the receipt's QR string) are digests as well.
    """

    serial: str
    number: int
    counter: int
    start: int
    end: int
    digest: bytes | None
    signature: bytes
    bon_id: int
    fault: str
    qr: bytes | None
    row: int


class ModuleRow(NamedTuple):
    """A TSE as tse.csv has it; ``certificate``: SHA-256 of the DER, empty if it cannot be read."""

    algorithm: str
    time_format: str
    certificate: bytes
    row: int


@dataclass(slots=True)
class Security:
    """What the TSE checks of one closing hand on; ``modules`` by serial number."""

    transactions: list[Transaction] = field(default_factory=list)
    modules: dict[str, ModuleRow] = field(default_factory=dict)
    verified: int = 0


def digest_of(client: str, process_type: str, data: bytes) -> bytes:
    """What a finish message says, short enough to be kept for every transaction."""
    joined = b"\0".join((client.encode(), process_type.encode(), data))
    return hashlib.blake2b(joined, digest_size=12).digest()


def check_security(closing: Closing, book: Book, found: Findings, signatures: bool) -> Security:
    """Every E check that one closing can answer. ``signatures``: verify them, too."""
    security = Security()
    modules: dict[str, Module] = {}
    for row in closing["tse.csv"]:
        try:
            modules[row.TSE_ID] = module_of(row)
        except KeyProblem as error:
            found.add("E7", row.FILE, row.ROW, str(error))
            continue
    certificates: dict[str, TseCertificate | None] = {}
    for row in closing["tse.csv"]:
        module = modules.get(row.TSE_ID)
        certificate = certificates[row.TSE_ID] = _check_module(row, module, book, found)
        digest = hashlib.sha256(certificate.der).digest() if certificate is not None else b""
        if module is not None:
            serial = module.serial.hex()
            security.modules[serial] = ModuleRow(row.TSE_SIG_ALGO, row.TSE_ZEITFORMAT, digest, row.ROW)
    for receipt in closing.receipts:
        rows = receipt["transactions_tse.csv"]
        if not rows and receipt.head.BON_TYP not in UNSIGNED:
            head = receipt.head
            found.add(
                "E1",
                head.FILE,
                head.ROW,
                f"zum Vorgang {head.BON_ID} ({head.BON_TYP}) fehlt die Zeile der TSE",
            )
        for row in rows:
            signed = _check_form(row, found)
            module = modules.get(row.TSE_ID)
            client, data, signature = "", None, None
            if not signed:
                _check_unsigned(row, receipt, book, found)
            else:
                signature = None if module is None else module.plain(row)
                _check_times(row, receipt, certificates.get(row.TSE_ID), found)
                judge = module if signatures else None
                client, data = _check_data(row, signature, receipt, book, judge, found)
                security.verified += module is not None and signatures
            security.transactions.append(_transaction(row, module, book, client, data, signature, signed))
    return security


def _transaction(
    row: Row,
    module: Module | None,
    book: Book,
    client: str,
    data: str | None,
    signature: bytes | None,
    signed: bool,
) -> Transaction:
    serial = module.serial.hex() if module is not None else ""
    return Transaction(
        serial,
        number(row.TSE_TANR),
        number(row.TSE_TA_SIGZ) if signed else -1,
        instant(row.TSE_TA_START),
        instant(row.TSE_TA_ENDE) if signed else -1,
        digest_of(client, row.TSE_TA_VORGANGSART, data.encode()) if signed and data is not None else None,
        hashlib.blake2b(signature or b"", digest_size=8).digest() if signed else b"",
        number(row.BON_ID),
        row.TSE_TA_FEHLER,
        qr_digest(_qr(row, book, client, data)) if signed and data is not None else None,
        row.ROW,
    )


def _qr(row: Row, book: Book, client: str, data: str) -> str:
    """The receipt's QR string (DSFinV-K Anhang I.2) from the rows."""
    module = book.modules.get(row.TSE_ID)
    tail = (
        ("", "", "")
        if module is None
        else (module.TSE_SIG_ALGO, module.TSE_ZEITFORMAT, module.TSE_PUBLIC_KEY)
    )
    times = (row.TSE_TA_START, row.TSE_TA_ENDE, *tail[:2])
    head = ("V0", client, row.TSE_TA_VORGANGSART, data, row.TSE_TANR, row.TSE_TA_SIGZ)
    return ";".join((*head, *times, row.TSE_TA_SIG, tail[2]))


def _check_form(row: Row, found: Findings) -> bool:
    """Whether the row is signed; one that is neither that nor an outage is an error (E1)."""
    missing = [name for name in _SIGNED if not getattr(row, name)]
    if not missing and row.TSE_ID:
        return True
    if not row.TSE_TA_FEHLER:
        lacking = ", ".join(missing or ["TSE_ID"])
        text = f"BON_ID {row.BON_ID}: weder vollständig ({lacking} leer) noch ein Ausfall (TSE_TA_FEHLER)"
        found.add("E1", row.FILE, row.ROW, text)
    elif row.TSE_TA_SIG or row.TSE_TA_SIGZ:
        text = f"BON_ID {row.BON_ID}: {', '.join(missing or ['TSE_ID'])} leer, obwohl unterschrieben wurde"
        unread = (
            missing == ["TSE_TA_START"] and row.TSE_ID
        )  # the answer to the start was lost, and it says so
        found.add("E1", row.FILE, row.ROW, text, "warning" if unread else None)
    return False


def _check_unsigned(row: Row, receipt: Receipt, book: Book, found: Findings) -> None:
    """What an outage's row says nevertheless must be so (E1, E4, E5)."""
    if row.TSE_TA_SIG or row.TSE_TA_SIGZ:
        return
    lacking = "TSE_TA_SIG" if row.TSE_TA_ENDE else "" if row.TSE_TANR else "TSE_TANR"
    if lacking and (row.TSE_TA_ENDE or row.TSE_TA_START):
        name = "TSE_TA_ENDE" if row.TSE_TA_ENDE else "TSE_TA_START"
        text = f"BON_ID {row.BON_ID}: {name} ohne {lacking}, obwohl die TSE nicht antwortete"
        found.add("E1", row.FILE, row.ROW, text, "warning")
    if row.TSE_TANR and not row.TSE_ID:
        text = f"BON_ID {row.BON_ID}: TSE_TANR ohne TSE_ID, obwohl die TSE nicht antwortete"
        found.add("E1", row.FILE, row.ROW, text, "warning")
    if row.TSE_TA_VORGANGSART:
        _check_type(row, receipt, found)
    readings = list(rebuilt(row.TSE_TA_VORGANGSART or RECEIPT, receipt, book))
    orders = list(rebuilt(ORDER, receipt, book))
    if row.TSE_VORGANGSDATEN and row.TSE_VORGANGSDATEN not in (*readings, *orders):
        what = f"Vorgangsdaten (BON_ID {row.BON_ID})"
        found.differs(
            "E5", row.FILE, row.ROW, what, readings[0] if readings else "keine", row.TSE_VORGANGSDATEN
        )


def _check_module(row: Row, module: Module | None, book: Book, found: Findings) -> TseCertificate | None:
    """Serial, key and certificate of one TSE (E7, E8, E13)."""
    if module is not None and module.serial.hex() != row.TSE_SERIAL.lower():
        found.differs("E7", row.FILE, row.ROW, "TSE_SERIAL", module.serial.hex(), row.TSE_SERIAL)
    text = row.TSE_ZERTIFIKAT_I + row.TSE_ZERTIFIKAT_II
    raw = decoded(text) if text else None
    if raw is None:
        found.add("E8", row.FILE, row.ROW, "das Zertifikat fehlt oder ist kein Base64")
        return None
    try:
        certificate = load(split(raw)[0][0])
    except CertificateError as error:
        found.add("E8", row.FILE, row.ROW, str(error))
        return None
    if module is not None and certificate.key.point != module.key.point:
        found.add("E7", row.FILE, row.ROW, "der Schlüssel des Zertifikats ist nicht TSE_PUBLIC_KEY")
    if certificate.self_signed:
        for each in check_issuer(certificate, [certificate]):
            found.add("E8", row.FILE, row.ROW, each.message)
    closed = instant(book.head.Z_ERSTELLUNG) if book.head is not None else -1
    if closed >= 0 and certificate.not_after - closed < WARN_MS:
        left = max(0, certificate.not_after - closed)
        text = f"das Zertifikat der TSE {row.TSE_SERIAL[:16]}… gilt nach dem Abschluss nur noch {span(left)}"
        found.add("E13", row.FILE, row.ROW, text)
    return certificate


def _check_times(row: Row, receipt: Receipt, certificate: TseCertificate | None, found: Findings) -> None:
    start, end, head = instant(row.TSE_TA_START), instant(row.TSE_TA_ENDE), receipt.head
    if start > end >= 0:
        found.differs(
            "E9", row.FILE, row.ROW, "TSE_TA_START", f"nicht nach {row.TSE_TA_ENDE}", row.TSE_TA_START
        )
    if certificate is not None and end >= 0 and not certificate.not_before <= end <= certificate.not_after:
        found.add("E8", row.FILE, row.ROW, f"das Zertifikat galt am {row.TSE_TA_ENDE} nicht")
    if row.TSE_TA_FEHLER:
        return  # the answer came late, and the row says so
    finished = instant(head.BON_ENDE)
    if min(end, finished) >= 0 and abs(end - finished) > TOLERANCE_MS:
        text = f"TSE_TA_ENDE {row.TSE_TA_ENDE} liegt {span(abs(end - finished))} von BON_ENDE {head.BON_ENDE}"
        found.add("E9", row.FILE, row.ROW, text)
    began = instant(head.BON_START)
    groups = any(each.ABRECHNUNGSKREIS for each in receipt["allocation_groups.csv"])
    waiting = DAY_MS if groups else TOLERANCE_MS  # of a table BON_START may be its first order
    if min(start, began) >= 0 and not -waiting <= began - start <= TOLERANCE_MS:
        distance, side = span(abs(began - start)), "vor" if start < began else "nach"
        text = f"TSE_TA_START {row.TSE_TA_START} liegt {distance} {side} BON_START {head.BON_START}"
        found.add("E9", row.FILE, row.ROW, text)


def _clients(receipt: Receipt, book: Book) -> list[str]:
    """Who may have signed: the register, else the terminal, else the id of the register in the export."""
    serial = book.register.KASSE_SERIENNR if book.register is not None else ""
    terminal = book.terminals.get(receipt.head.TERMINAL_ID, "")
    return list(dict.fromkeys(each for each in (serial, terminal, receipt.head.Z_KASSE_ID) if each))


def _check_data(
    row: Row, signature: bytes | None, receipt: Receipt, book: Book, module: Module | None, found: Findings
) -> tuple[str, str | None]:
    """Type and data, and with a module the signature (E4 to E6, B13); returns client and data signed."""
    _check_type(row, receipt, found)
    given, head = row.TSE_VORGANGSDATEN, receipt.head
    readings = list(rebuilt(row.TSE_TA_VORGANGSART, receipt, book))
    clients = _clients(receipt, book)
    if readings and given and given not in readings:
        what = f"Vorgangsdaten (BON_ID {row.BON_ID})"
        found.differs("E5", row.FILE, row.ROW, what, readings[0], given)
    data = given or (readings[0] if readings else None)
    encoding = book.modules[row.TSE_ID].TSE_PD_ENCODING if row.TSE_ID in book.modules else ""
    if encoding == "ASCII" and data is not None and not data.isascii():
        text = f"die Vorgangsdaten (BON_ID {row.BON_ID}) sind kein ASCII, wie TSE_PD_ENCODING sagt"
        found.add("E5", row.FILE, row.ROW, text)
    if module is None:
        return clients[0] if clients else "", data
    candidates = [given] if given in readings else [*readings, given or head.BON_NAME, head.BON_NOTIZ]
    for candidate in dict.fromkeys(candidates):
        place = module.verifies(row, signature, clients, candidate)
        if place < 0:
            continue
        if place:
            _other_client(clients[place], book, row, found)
        if readings and candidate not in readings:
            text = "die Signatur passt zu TSE_VORGANGSDATEN, nicht zu den Zeilen des Vorgangs"
            found.add("E6", row.FILE, row.ROW, f"BON_ID {row.BON_ID}: {text}")
        return clients[place], candidate
    text = f"BON_ID {row.BON_ID}: die Signatur (Zähler {row.TSE_TA_SIGZ}) "
    if data is None:
        text += "lässt sich nicht prüfen: TSE_VORGANGSDATEN ist leer, und die Zeilen nennen sie nicht"
        found.add("E6", row.FILE, row.ROW, text, "warning")
    else:
        found.add(
            "E6", row.FILE, row.ROW, f"{text}passt nicht zu den Zeilen; erwartet die über {shown(data)}"
        )
    return clients[0] if clients else "", data


def _other_client(client: str, book: Book, row: Row, found: Findings) -> None:
    if client not in book.terminals.values():
        text = f"die TSE unterschrieb als {shown(client)}"
        serial = book.register.KASSE_SERIENNR if book.register is not None else ""
        found.add("B13", row.FILE, row.ROW, f"{text}, KASSE_SERIENNR ist {shown(serial)}")


def _check_type(row: Row, receipt: Receipt, found: Findings) -> None:
    expected = tuple(_expected_types(receipt.head.BON_TYP))
    if row.TSE_TA_VORGANGSART not in expected:
        what = f"processType zu {receipt.head.BON_TYP}"
        found.differs("E4", row.FILE, row.ROW, what, " oder ".join(expected), row.TSE_TA_VORGANGSART)


def _expected_types(bon_type: str) -> Iterator[str]:
    if bon_type == "AVBestellung":
        yield ORDER
        return
    yield RECEIPT
    if bon_type == "AVSonstige":
        yield OTHER
