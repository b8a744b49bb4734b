"""A register of another maker: a small shop's days as DSFinV-K, with its TSE's archive.

Written from the norm, by hand, with nothing of our exporter or our core; keys and archives are those of
:mod:`tests.tse.log.samples`. A :class:`Style` says how it uses the freedom that registers in the field take.
"""

from base64 import b64encode
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import kassd.fiscal
from kassd.fiscal.audit.norm import TABLES
from kassd.tse.log.messages import TransactionData, encode, to_sign
from kassd.tse.log.times import TimeFormat, from_iso
from tests.tse.log.samples import Signer, archive

DTD = Path(kassd.fiscal.__file__).with_name("gdpdu-01-09-2004.dtd")
RATES = {1: "19,00", 2: "7,00", 5: "0,00"}
SLOTS = {1: 0, 2: 1, 5: 4}
CASH = ("Anfangsbestand", "Geldtransit", "DifferenzSollIst", "Privatentnahme")
Row = dict[str, Any]


@dataclass(frozen=True)
class Style:
    """How this maker reads the norm."""

    time_format: TimeFormat = "unixTime"
    version: int = 2
    spki: bool = False
    der: bool = False
    slot_five: bool = True
    storno: str = "0"
    currency: str = ""  # ZAHLWAEH_CODE where euros were paid
    quoted: bool = False
    process_data: bool = True


@dataclass
class Tse:
    """One TSE of the shop: signs, and keeps every message."""

    style: Style
    signer: Signer
    messages: list[bytes] = field(default_factory=list)
    counter: int = 0
    number: int = 0

    def _log(self, data: TransactionData, time: str) -> tuple[int, bytes]:
        self.counter += 1
        signer = self.signer
        signed = to_sign(
            self.style.version,
            data,
            signer.public.serial,
            signer.algorithm.oid,
            self.counter,
            from_iso(time),
            self.style.time_format,
        )
        signature = signer.sign(signed)
        self.messages.append(encode(signed, signature))
        return self.counter, signature

    def start(self, client: str, time: str) -> int:
        self.number += 1
        self._log(TransactionData("start", client, b"", "", self.number), time)
        return self.number

    def finish(self, number: int, client: str, kind: str, data: str, time: str) -> tuple[int, str]:
        counter, signature = self._log(TransactionData("finish", client, data.encode(), kind, number), time)
        if self.style.der:
            size = len(signature) // 2
            r, s = (int.from_bytes(part, "big") for part in (signature[:size], signature[size:]))
            signature = encode_dss_signature(r, s)
        return counter, b64encode(signature).decode()

    def row(self, tse_id: int) -> Row:
        public = self.signer.private.public_key()
        key = self.signer.public.point
        if self.style.spki:
            key = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        certificate = b64encode(self.signer.certificate).decode()
        return {
            "TSE_ID": tse_id,
            "TSE_SERIAL": self.signer.public.serial.hex(),
            "TSE_SIG_ALGO": self.signer.algorithm.name,
            "TSE_ZEITFORMAT": self.style.time_format,
            "TSE_PD_ENCODING": "UTF-8",
            "TSE_PUBLIC_KEY": b64encode(key).decode(),
            "TSE_ZERTIFIKAT_I": certificate[:1000],
            "TSE_ZERTIFIKAT_II": certificate[1000:],
        }

    def tar(self) -> bytes:
        return archive(self.messages, self.signer.certificate)


@cache
def signer(name: str) -> Signer:
    """A key per TSE of the tests, made once."""
    assert name
    return Signer("secp256r1")


def money(cents: int, decimals: int = 2) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100},{abs(cents) % 100:02d}" + "0" * (decimals - 2)


def net(cents: int, key: int) -> tuple[int, int]:
    rate = Decimal(RATES[key].replace(",", "."))
    tax = int((Decimal(cents) * rate / (100 + rate)).quantize(Decimal(1), ROUND_HALF_UP))
    return cents - tax, tax


def line(text: str, cents: int, key: int = 1, quantity: int = 1, case: str = "Umsatz", **more: Any) -> Row:
    return {"text": text, "cents": cents, "key": key, "quantity": quantity, "case": case, **more}


class Shop:
    """One register; call its methods in the order of the day, then :meth:`write`."""

    def __init__(self, style: Style = Style(), name: str = "FREMD-01", tse: Tse | None = None) -> None:
        self.style, self.name = style, name
        self.tse = tse or Tse(style, signer(f"a-{style.time_format}"))
        self.tses = [self.tse]
        self.tables: dict[str, list[Row]] = {file: [] for file in TABLES}
        self.bon = self.closing = self.first = self.drawer = 0
        self.minute = 8 * 60
        self.day = 1
        self.pending: list[tuple[str, Row]] = []
        self.sums: dict[str, defaultdict[Any, int]] = {}
        self.ended: dict[str, tuple[int, str]] = {}

    def _open(self) -> None:
        self.first, self.pending = self.bon + 1, []
        self.sums = {"cases": defaultdict(int), "payments": defaultdict(int), "cash": defaultdict(int)}
        self.book(
            "Beleg",
            [line("Anfangsbestand", self.drawer, 5, case="Anfangsbestand")],
            [("Bar", self.drawer)],
        )

    def at(self, zone: str = "Z", minutes: int = 1) -> str:
        self.minute += minutes
        moment = f"2026-03-{self.day:02d}T{self.minute // 60:02d}:{self.minute % 60:02d}:00"
        return moment + (".000Z" if zone == "tse" else "+00:00" if zone == "+" else zone)

    def add(self, file: str, **row: Any) -> None:
        self.pending.append((file, row))

    def book(
        self,
        kind: str,
        lines: list[Row],
        payments: list[tuple[Any, ...]],
        *,
        fault: str = "",
        group: str = "",
        refers: list[Row] | None = None,
        **head: Any,
    ) -> str:
        """One Vorgang; returns its BON_ID. The day's first one books what is in the drawer before it."""
        if not self.first:
            self._open()
        began, tse_start = self.at("+"), self.at("tse", 0)
        number = -1 if fault else self.tse.start(self.name, tse_start)
        ended, tse_end = self.at("+"), self.at("tse", 0)
        self.bon += 1
        bon = str(self.bon)
        total = sum(each["cents"] * each["quantity"] for each in lines)
        self._lines(bon, kind, lines)
        by_key: defaultdict[int, int] = defaultdict(int)
        for each in lines:
            by_key[each["key"]] += each["cents"] * each["quantity"]
        for key, gross in by_key.items():
            netto, tax = net(gross, key)
            self.add(
                "transactions_vat.csv",
                BON_ID=bon,
                UST_SCHLUESSEL=key,
                BON_BRUTTO=money(gross),
                BON_NETTO=money(netto),
                BON_UST=money(tax),
            )
        self._payments(bon, kind, payments)
        self.add(
            "transactions.csv",
            **{
                "BON_ID": bon,
                "BON_NR": bon,
                "BON_TYP": kind,
                "BON_STORNO": "0",
                "BON_START": began,
                "BON_ENDE": ended,
                "BEDIENER_ID": "7",
                "BEDIENER_NAME": "Anna",
                "UMS_BRUTTO": money(total),
                **head,
            },
        )
        if group:
            self.add("allocation_groups.csv", BON_ID=bon, ABRECHNUNGSKREIS=group)
        for each in refers or []:
            self.add("references.csv", BON_ID=bon, **each)
        process, data = self._data(kind, lines, by_key, payments)
        row: Row = {"BON_ID": bon, "TSE_TA_FEHLER": fault}
        if not fault:
            counter, signature = self.tse.finish(number, self.name, process, data, tse_end)
            row |= {
                "TSE_ID": len(self.tses),
                "TSE_TANR": number,
                "TSE_TA_START": tse_start,
                "TSE_TA_ENDE": tse_end,
                "TSE_TA_VORGANGSART": process,
                "TSE_TA_SIGZ": counter,
                "TSE_TA_SIG": signature,
                "TSE_VORGANGSDATEN": data if self.style.process_data else "",
            }
        self.add("transactions_tse.csv", **row)
        self.ended[bon] = (self.closing + 1, "")
        return bon

    def _lines(self, bon: str, kind: str, lines: list[Row]) -> None:
        for place, each in enumerate(lines, 1):
            gross = each["cents"] * each["quantity"]
            self.add(
                "lines.csv",
                BON_ID=bon,
                POS_ZEILE=place,
                GUTSCHEIN_NR=each.get("voucher", ""),
                ARTIKELTEXT=each["text"],
                GV_TYP=each["case"],
                GV_NAME=each.get("name", ""),
                AGENTUR_ID=each.get("agency", "0"),
                ART_NR="4711",
                MENGE=f"{each['quantity'] * (-1 if each['cents'] < 0 else 1)},000",
                STK_BR=money(abs(each["cents"]), 5),
            )
            self.add(
                "lines_vat.csv",
                BON_ID=bon,
                POS_ZEILE=place,
                UST_SCHLUESSEL=each["key"],
                POS_BRUTTO=money(gross, 5),
            )
            if kind == "Beleg":
                case = (each["case"], each.get("name", ""), each.get("agency", "0"), each["key"])
                self.sums["cases"][case] += gross

    def _payments(self, bon: str, kind: str, payments: list[tuple[Any, ...]]) -> None:
        for means, cents, *foreign in payments:
            code, abroad = foreign or (self.style.currency, None)
            self.add(
                "datapayment.csv",
                BON_ID=bon,
                ZAHLART_TYP=means,
                ZAHLWAEH_CODE=code,
                ZAHLWAEH_BETRAG="" if abroad is None else money(abroad),
                BASISWAEH_BETRAG=money(cents),
            )
            if kind == "Beleg":
                self.sums["payments"][means] += cents
                if means == "Bar":
                    self.sums["cash"][code if abroad is not None else "EUR"] += (
                        cents if abroad is None else abroad
                    )

    def _data(
        self, kind: str, lines: list[Row], by_key: dict[int, int], payments: list[tuple[Any, ...]]
    ) -> tuple[str, str]:
        if kind == "AVBestellung":
            rows = []
            for each in lines:
                text = each["text"].replace('"', '""')
                rows.append(f'{each["quantity"]};"{text}";{money(each["cents"]).replace(",", ".")}')
            return "Bestellung-V1", "\r".join(rows)
        if kind == "AVSonstige":
            return "SonstigerVorgang", "Anmeldung"
        slots = [0] * 5
        for key, gross in by_key.items():
            slots[SLOTS[key]] += gross
        if not self.style.slot_five and all(each["case"] in CASH for each in lines):
            slots[4] = 0
        paid: defaultdict[tuple[str, str], int] = defaultdict(int)
        for means, cents, *foreign in payments:
            code, abroad = foreign or ("", cents)
            paid["Bar" if means == "Bar" else "Unbar", f":{code}" if code else ""] += abroad
        shown = "_".join(
            f"{money(c)}:{k}{code}".replace(",", ".") for (k, code), c in sorted(paid.items()) if c
        )
        return "Kassenbeleg-V1", f"{kind}^{'_'.join(map(money, slots)).replace(',', '.')}^{shown}"

    def swap_tse(self, tse: Tse) -> None:
        """From now on another TSE signs."""
        self.tse = tse
        self.tses.append(tse)

    def close(self) -> None:
        """The day's closing; the drawer's cash stays."""
        self.closing += 1
        created = self.at("+")
        key = {"Z_KASSE_ID": self.name, "Z_ERSTELLUNG": created, "Z_NR": self.closing}
        for file, row in self.pending:
            if row.get("REF_DATUM") == "now":
                row["REF_DATUM"] = created
            self.tables[file].append(key | row)
        payments, cases, cash = self.sums["payments"], self.sums["cases"], self.sums["cash"]
        address = {"STRASSE": "Weg 1", "PLZ": "01067", "ORT": "Dresden", "LAND": "DEU"}
        self.tables["cashpointclosing.csv"].append(
            key
            | address
            | {
                "TAXONOMIE_VERSION": "2.4",
                "Z_START_ID": self.first,
                "Z_ENDE_ID": self.bon,
                "NAME": "Fremd GmbH",
                "STNR": "203/123/12345",
                "Z_SE_ZAHLUNGEN": money(sum(payments.values())),
                "Z_SE_BARZAHLUNGEN": money(payments["Bar"]),
            }
        )
        loc = {f"LOC_{name}": value for name, value in address.items()}
        self.tables["location.csv"].append(key | loc | {"LOC_NAME": "Fremd GmbH"})
        self.tables["cashregister.csv"].append(
            key | {"KASSE_SERIENNR": self.name, "KASSE_BASISWAEH_CODE": "EUR", "KEINE_UST_ZUORDNUNG": "0"}
        )
        for number, rate in RATES.items():
            row = {"UST_SCHLUESSEL": number, "UST_SATZ": rate, "UST_BESCHR": f"Satz {number}"}
            self.tables["vat.csv"].append(key | row)
        for place, tse in enumerate(self.tses, 1):
            self.tables["tse.csv"].append(key | tse.row(place))
        agency = {
            "AGENTUR_ID": 1,
            "AGENTUR_NAME": "Lotto",
            "AGENTUR_STNR": "1/2",
            **{f"AGENTUR_{name}": value for name, value in address.items()},
        }
        self.tables["pa.csv"].append(key | agency)
        for (case, name, agent, vat), gross in cases.items():
            netto, tax = net(gross, vat)
            row = {"GV_TYP": case, "GV_NAME": name, "AGENTUR_ID": agent, "UST_SCHLUESSEL": vat}
            sums = {"Z_UMS_BRUTTO": money(gross, 5), "Z_UMS_NETTO": money(netto, 5), "Z_UST": money(tax, 5)}
            self.tables["businesscases.csv"].append(key | row | sums)
        for means, cents in payments.items():
            self.tables["payment.csv"].append(key | {"ZAHLART_TYP": means, "Z_ZAHLART_BETRAG": money(cents)})
        for code, units in cash.items():
            row = {"ZAHLART_WAEH": code, "ZAHLART_BETRAG_WAEH": money(units)}
            self.tables["cash_per_currency.csv"].append(key | row)
        self.drawer = cash["EUR"]
        self.day += 1
        self.minute = 8 * 60
        self.first = 0

    def reference(self, bon: str) -> Row:
        """To a Vorgang of the closing that is still open."""
        return {
            "REF_TYP": "Transaktion",
            "REF_DATUM": "now",
            "REF_Z_KASSE_ID": self.name,
            "REF_Z_NR": self.closing + 1,
            "REF_BON_ID": bon,
        }

    def write(self, folder: Path) -> Path:
        """Write the export; what is not closed yet stays out. The archives lie beside it."""
        folder.mkdir(parents=True)
        for file, table in TABLES.items():
            rows = [table.names, *([row.get(name, "") for name in table.names] for row in self.tables[file])]
            text = "".join(";".join(self._cell(cell) for cell in row) + "\r\n" for row in rows)
            (folder / file).write_bytes(text.encode())
        (folder / "index.xml").write_text(index_xml(), "utf-8", newline="")
        (folder / "gdpdu-01-09-2004.dtd").write_bytes(DTD.read_bytes())
        for place, tse in enumerate(self.tses, 1):
            (folder.parent / f"tse-{place}.tar").write_bytes(tse.tar())
        return folder

    def _cell(self, cell: Any) -> str:
        text = str(cell)
        if self.style.quoted or set(text) & set(';"\r\n'):
            return '"' + text.replace('"', '""') + '"'
        return text


def index_xml() -> str:
    """index.xml of all twenty files."""
    tables = "".join(
        f"<Table><URL>{table.file}</URL><Name>{table.name}</Name><UTF8/><DecimalSymbol>,</DecimalSymbol>"
        "<DigitGroupingSymbol>.</DigitGroupingSymbol><Range><From>2</From></Range><VariableLength>"
        "<ColumnDelimiter>;</ColumnDelimiter><RecordDelimiter>&#xD;&#xA;</RecordDelimiter>"
        '<TextEncapsulator>"</TextEncapsulator>'
        + "".join(
            f"<VariableColumn><Name>{c.name}</Name>"
            + (
                f"<AlphaNumeric/><MaxLength>{c.length}</MaxLength>"
                if c.decimals is None
                else f"<Numeric><Accuracy>{c.decimals}</Accuracy></Numeric>"
                if c.decimals
                else "<Numeric/>"
            )
            + "</VariableColumn>"
            for c in table.columns
        )
        + "</VariableLength></Table>"
        for table in TABLES.values()
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE DataSet SYSTEM "gdpdu-01-09-2004.dtd">\n'
        "<DataSet><Version>1.0</Version><DataSupplier><Name/><Location/><Comment/></DataSupplier>"
        f"<Media><Name>CD Nummer 1</Name>{tables}</Media></DataSet>\n"
    )


@cache
def two_days(style: Style = Style()) -> Shop:
    """Everything this shop does: sales, agency, foreign cash, training, order, storno, outage, TSE swap.

    Made once: to be written, not to be traded on.
    """
    shop = Shop(style)
    shop.book("AVSonstige", [], [], BON_NAME="Anmeldung")
    shop.book("Beleg", [line("Wechselgeld", 10000, 5, case="Geldtransit")], [("Bar", 10000)])
    shop.book("Beleg", [line("Brot; rund", 350, 2, 2), line('Tasse "Dresden"', 990)], [("Bar", 1690)])
    shop.book("Beleg", [line("Torte", 2990, 2)], [("ECKarte", 2990)])
    shop.book("Beleg", [line("Lotto", 500, 5, agency="1", case="Umsatz")], [("Kreditkarte", 500)])
    shop.book("Beleg", [line("Käse", 1500, 2)], [("Bar", 500), ("Bar", 1000, "CHF", 950)])
    shop.book("AVTraining", [line("Brot", 350, 2)], [])
    first = shop.book("Beleg", [line("Bild", 4990)], [("Bar", 4990)])
    storno = {"BON_NAME": "Storno", "BON_STORNO": style.storno}
    shop.book(
        "Beleg", [line("Bild", 4990, quantity=-1)], [("Bar", -4990)], refers=[shop.reference(first)], **storno
    )
    shop.book("Beleg", [line("Brot", 350, 2)], [("Bar", 350)], fault="TSE antwortet nicht")
    shop.book("AVBestellung", [line("Pils", 420), line('Eis "groß"', 399, 2)], [("Keine", 0)], group="T5-1")
    shop.book("Beleg", [line("Pils", 420), line('Eis "groß"', 399, 2)], [("Bar", 819)], group="T5-1")
    shop.book("AVBelegabbruch", [line("Brot", 350, 2), line("Brot", 350, 2, -1)], [])
    shop.close()
    gift = line("Gutschein", 2500, 5, case="MehrzweckgutscheinKauf", voucher="G-1")
    shop.book("Beleg", [gift], [("Bar", 2500)])
    shop.swap_tse(Tse(style, signer("b")))
    shop.book("Beleg", [line("Brot", 350, 2, 10)], [("Unbar", 3500)])
    shop.book("Beleg", [line("Vase", 1990)], [("Bar", 1990)])
    used = line("Gutschein", -990, 5, case="MehrzweckgutscheinEinloesung", voucher="G-1")
    shop.book("Beleg", [line("Tasse", 990), used], [("Keine", 0)])
    shop.book("Beleg", [line("Tresor", -10000, 5, case="Geldtransit")], [("Bar", -10000)])
    shop.close()
    return shop
