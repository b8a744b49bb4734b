"""What DSFinV-K 2.4 says of its twenty files: columns, lengths, what must be filled, closed lists.

Written down here once more, apart from what the exporter writes by: an audit that read the exporter's own
table would find its slips right. In :data:`LAYOUT` a column is ``NAME:50`` (text and its greatest length) or
``NAME:n2`` (number and its decimals); ``!`` marks a Mussfeld (Anhang G).
"""

from collections.abc import Mapping
from dataclasses import dataclass

LAYOUT = """
cashpointclosing.csv Stamm_Abschluss
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! Z_BUCHUNGSTAG:25 TAXONOMIE_VERSION:10! Z_START_ID:40!
  Z_ENDE_ID:40! NAME:60! STRASSE:60! PLZ:10! ORT:62! LAND:3! STNR:20! USTID:15 Z_SE_ZAHLUNGEN:n2!
  Z_SE_BARZAHLUNGEN:n2!
location.csv Stamm_Orte
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! LOC_NAME:60! LOC_STRASSE:60! LOC_PLZ:10! LOC_ORT:62!
  LOC_LAND:3! LOC_USTID:15
cashregister.csv Stamm_Kassen
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! KASSE_BRAND:50 KASSE_MODELL:50 KASSE_SERIENNR:70!
  KASSE_SW_BRAND:50 KASSE_SW_VERSION:50 KASSE_BASISWAEH_CODE:3! KEINE_UST_ZUORDNUNG:1
slaves.csv Stamm_Terminals
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! TERMINAL_ID:50! TERMINAL_BRAND:50 TERMINAL_MODELL:50
  TERMINAL_SERIENNR:70! TERMINAL_SW_BRAND:50 TERMINAL_SW_VERSION:50
pa.csv Stamm_Agenturen
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! AGENTUR_ID:n0! AGENTUR_NAME:60! AGENTUR_STRASSE:60!
  AGENTUR_PLZ:10! AGENTUR_ORT:62! AGENTUR_LAND:3! AGENTUR_STNR:20! AGENTUR_USTID:15
tse.csv Stamm_TSE
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! TSE_ID:n0! TSE_SERIAL:68! TSE_SIG_ALGO:21! TSE_ZEITFORMAT:31!
  TSE_PD_ENCODING:5! TSE_PUBLIC_KEY:512! TSE_ZERTIFIKAT_I:1000! TSE_ZERTIFIKAT_II:1000!
vat.csv Stamm_USt
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! UST_SCHLUESSEL:n0! UST_SATZ:n2! UST_BESCHR:55!
businesscases.csv Z_GV_Typ
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! GV_TYP:30! GV_NAME:40 AGENTUR_ID:n0 UST_SCHLUESSEL:n0!
  Z_UMS_BRUTTO:n5! Z_UMS_NETTO:n5! Z_UST:n5!
payment.csv Z_Zahlart
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! ZAHLART_TYP:25! ZAHLART_NAME:60 Z_ZAHLART_BETRAG:n2!
cash_per_currency.csv Z_Waehrungen
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! ZAHLART_WAEH:3! ZAHLART_BETRAG_WAEH:n2!
transactions.csv Bonkopf
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! BON_ID:40! BON_NR:n0! BON_TYP:30! BON_NAME:60 TERMINAL_ID:50
  BON_STORNO:1 BON_START:30! BON_ENDE:30! BEDIENER_ID:50! BEDIENER_NAME:50 UMS_BRUTTO:n2! KUNDE_NAME:50!
  KUNDE_ID:50! KUNDE_TYP:50! KUNDE_STRASSE:60 KUNDE_PLZ:10 KUNDE_ORT:62 KUNDE_LAND:3 KUNDE_USTID:15
  BON_NOTIZ:255
datapayment.csv Bonkopf_Zahlarten
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! BON_ID:40! ZAHLART_TYP:25! ZAHLART_NAME:60 ZAHLWAEH_CODE:3!
  ZAHLWAEH_BETRAG:n2 BASISWAEH_BETRAG:n2!
lines.csv Bonpos
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! BON_ID:40! POS_ZEILE:50! GUTSCHEIN_NR:50 ARTIKELTEXT:255!
  POS_TERMINAL_ID:50 GV_TYP:30! GV_NAME:40 INHAUS:1 P_STORNO:1 AGENTUR_ID:n0 ART_NR:50! GTIN:50
  WARENGR_ID:40 WARENGR:50 MENGE:n3! FAKTOR:n3 EINHEIT:50 STK_BR:n5!
itemamounts.csv Bonpos_Preisfindung
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! BON_ID:40! POS_ZEILE:50! TYP:20 UST_SCHLUESSEL:n0!
  PF_BRUTTO:n5 PF_NETTO:n5 PF_UST:n5
subitems.csv Bonpos_Zusatzinfo
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! BON_ID:40! POS_ZEILE:50! ZI_ART_NR:50! ZI_GTIN:50 ZI_NAME:60
  ZI_WARENGR_ID:40 ZI_WARENGR:50 ZI_MENGE:n3! ZI_FAKTOR:n3 ZI_EINHEIT:50 ZI_UST_SCHLUESSEL:n0!
  ZI_BASISPREIS_BRUTTO:n5 ZI_BASISPREIS_NETTO:n5 ZI_BASISPREIS_UST:n5
transactions_tse.csv TSE_Transaktionen
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! BON_ID:40! TSE_ID:n0! TSE_TANR:n0! TSE_TA_START:30!
  TSE_TA_ENDE:30! TSE_TA_VORGANGSART:30! TSE_TA_SIGZ:n0! TSE_TA_SIG:512! TSE_TA_FEHLER:200
  TSE_VORGANGSDATEN:1000
transactions_vat.csv Bonkopf_USt
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! BON_ID:40! UST_SCHLUESSEL:n0! BON_BRUTTO:n5! BON_NETTO:n5!
  BON_UST:n5!
lines_vat.csv Bonpos_USt
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! BON_ID:40! POS_ZEILE:50! UST_SCHLUESSEL:n0! POS_BRUTTO:n5
  POS_NETTO:n5 POS_UST:n5
allocation_groups.csv Bonkopf_AbrKreis
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! BON_ID:40! ABRECHNUNGSKREIS:50
references.csv Bon_Referenzen
  Z_KASSE_ID:50! Z_ERSTELLUNG:30! Z_NR:n0! BON_ID:40! POS_ZEILE:50 REF_TYP:20! REF_NAME:40 REF_DATUM:30
  REF_Z_KASSE_ID:50 REF_Z_NR:n0 REF_BON_ID:40!
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``length`` of a text, ``decimals`` of a number; the other one is None."""

    name: str
    length: int | None = None
    decimals: int | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its name, its name in the taxonomy (``Bonkopf``) and its columns in order."""

    file: str
    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(column.name for column in self.columns)


def _column(text: str) -> Column:
    name, _, form = text.partition(":")
    required, form = form.endswith("!"), form.rstrip("!")
    if form.startswith("n"):
        return Column(name, decimals=int(form[1:]), required=required)
    return Column(name, length=int(form), required=required)


def _tables() -> dict[str, Table]:
    found: dict[str, Table] = {}
    for line in LAYOUT.strip().splitlines():
        words = line.split()
        if not line.startswith(" "):
            file, name = words
            found[file] = Table(file, name, ())
        else:
            table = found[file]
            found[file] = Table(file, name, (*table.columns, *map(_column, words)))
    return found


VERSION = "2.4"
TABLES: Mapping[str, Table] = _tables()
KEY = ("Z_KASSE_ID", "Z_ERSTELLUNG", "Z_NR")
CLOSING_FILES = tuple(TABLES)[:10]
RECEIPT_FILES = tuple(TABLES)[10:]
MUST_EXIST = (
    *("cashpointclosing.csv", "location.csv", "cashregister.csv", "vat.csv"),
    *("businesscases.csv", "payment.csv", "transactions.csv", "lines.csv", "datapayment.csv"),
    *("transactions_vat.csv", "lines_vat.csv", "transactions_tse.csv", "tse.csv"),
)

BON_TYPES = (
    *("Beleg", "AVRechnung", "AVTransfer", "AVBestellung", "AVTraining", "AVBelegstorno"),
    *("AVBelegabbruch", "AVSachbezug", "AVSonstige"),
)
GV_TYPES = (
    *("Umsatz", "Pfand", "PfandRueckzahlung", "Rabatt", "Aufschlag", "ZuschussEcht", "ZuschussUnecht"),
    *("TrinkgeldAG", "TrinkgeldAN", "EinzweckgutscheinKauf", "EinzweckgutscheinEinloesung"),
    *("MehrzweckgutscheinKauf", "MehrzweckgutscheinEinloesung", "Forderungsentstehung"),
    *("Forderungsaufloesung", "Anzahlungseinstellung", "Anzahlungsaufloesung", "Anfangsbestand"),
    *("Privatentnahme", "Privateinlage", "Geldtransit", "Lohnzahlung", "Einzahlung", "Auszahlung"),
    "DifferenzSollIst",
)
CASH_MOVEMENTS = frozenset(GV_TYPES[GV_TYPES.index("Anfangsbestand") :])
PAYMENT_TYPES = (
    *("Bar", "Unbar", "Keine", "ECKarte", "Kreditkarte", "ElZahlungsdienstleister", "Guthabenkarte"),
)
REFERENCE_TYPES = ("ExterneRechnung", "ExternerLieferschein", "Transaktion", "ExterneSonstige")
AMOUNT_TYPES = ("base_amount", "discount", "extra_amount")
PROCESS_TYPES = ("Kassenbeleg-V1", "Bestellung-V1", "SonstigerVorgang")

# UST_SCHLUESSEL of Anlage 2: key -> (slot of the process data, rates by first day). A key that is not here
# and below 1000 is reserved.
VAT_KEYS: Mapping[int, tuple[int, tuple[tuple[str, str], ...]]] = {
    1: (1, (("2007-01-01", "19"), ("2020-07-01", "16"), ("2021-01-01", "19"))),
    2: (2, (("1983-07-01", "7"), ("2020-07-01", "5"), ("2021-01-01", "7"))),
    3: (
        3,
        (
            *(("2007-01-01", "10.7"), ("2022-01-01", "9.5"), ("2023-01-01", "9"), ("2024-12-06", "8.4")),
            ("2025-01-01", "7.8"),
        ),
    ),
    4: (4, (("2007-01-01", "5.5"),)),
    5: (5, (("2000-01-01", "0"),)),
    6: (5, (("2000-01-01", "0"),)),
    7: (5, (("2000-01-01", "0"),)),
    8: (5, (("2000-01-01", "0"),)),
    11: (1, (("2000-01-01", "19"),)),
    12: (2, (("2000-01-01", "7"),)),
    13: (3, (("2000-01-01", "10.7"),)),
    21: (1, (("2000-01-01", "16"),)),
    22: (2, (("2000-01-01", "5"),)),
    23: (3, (("2000-01-01", "9.5"),)),
    33: (3, (("2000-01-01", "9"),)),
    43: (3, (("2000-01-01", "8.4"),)),
}
SLOT_OF_RATE: Mapping[str, int] = {
    **{"19": 1, "16": 1, "7": 2, "5": 2},
    **{"10.7": 3, "9.5": 3, "9": 3, "8.4": 3, "7.8": 3, "5.5": 4},
}
FIRST_INDIVIDUAL = 1000

_COUNTRIES = """
ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH
BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB
CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO
GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN
IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA
MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER
NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU
RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA
TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT
WLF WSM YEM ZAF ZMB ZWE
"""
COUNTRIES = frozenset(_COUNTRIES.split())
_CURRENCIES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
CHF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD
HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD
LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP
PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT
TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XDR XOF XPF XSU YER ZAR ZMW ZWG ZWL
"""
CURRENCIES = frozenset(_CURRENCIES.split())
