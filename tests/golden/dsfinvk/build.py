"""Writes the frozen journal of the golden export: two closings with everything that DSFinV-K has a file for.

``python -m tests.golden.dsfinvk.build`` once; the journal is kept as it is, whatever the core writes later.
Run ``python -m tests.golden.dsfinvk.build export`` after a wanted change of the export, and read the
difference.
"""

import shutil
import sys
import zlib
from decimal import Decimal
from pathlib import Path

from kassd.core import inputs as i
from kassd.core.goods.article import Article, Part
from kassd.journal.segments import GZIP_LEVEL, GZIP_WBITS
from tests.core.playbook import OPENED, Playbook, add, card, cash, command
from tests.fiscal.kit import close, exported, journal_of

HERE = Path(__file__).parent
JOURNAL, EXPORT = HERE / "journal", HERE / "export"
CONFIG = {
    "business.country": "DEU",
    "currency.CHF.code": "CHF",
    "currency.CHF.rate": "0.95",
    "agency.lotto.name": "lotto",
    "agency.lotto.id": 1,
    "agency.lotto.text": "Sächsische Lotto-GmbH",
    "agency.lotto.street": "Oststraße 105",
    "agency.lotto.postal_code": "04299",
    "agency.lotto.city": "Leipzig",
    "agency.lotto.country": "DEU",
    "agency.lotto.tax_number": "231/123/45678",
    "price_list.abend.name": "abend",
    "price_list.abend.title": "Abendpreis",
    "price_list.abend.prices.tee": 200,
}
ARTICLES = (
    Article("tee", 'Tee "Assam"; groß', 250, 1, category="getraenke", category_name="Getränke"),
    Article("burger", "Burger", 700, 2),
    Article("cola", "Cola", 300, 1, codes=("4006381333931",)),
    Article("menue", "Menü", 900, 2, parts=(Part("burger"), Part("cola", Decimal(2)))),
    Article("fleisch", "Hackfleisch", 500, 2, unit="kg", factor=Decimal("1.5")),
    Article("limo", "Limo", 150, 1, deposit=(Part("pfand"),)),
    Article("pfand", "Einwegpfand 0,25", 25, 1, kind="deposit"),
)


def first_day(book: Playbook) -> None:
    """Goods, combos, a void, currencies, a voucher, an agency, an abort, an order, a late answer."""
    book >> command("operator.login", operator="anna")
    for article in ("tee", "menue", "limo"):
        book >> command("sale.add", article=article)
    book >> command("sale.add", article="fleisch", quantity="2")
    book >> command("sale.void_line", line=1) >> command("sale.discount", percent="10") >> cash(given=5000)
    book.done() >> add("Torte", 1900) >> cash(currency="CHF", given=2000)
    book.done() >> command("voucher.sell", kind="multi", value=2500, code="GS-1") >> card()
    book.done() >> command("agency.sell", agency="lotto", text="Lottoschein", price=1200) >> cash()
    book.done() >> add("Seife", 199, 1) >> command("sale.abort")
    book.done() >> command("order.send", table="5", lines=[{"text": "Pils", "price": 420, "vat": 1}])
    book.done() >> command("order.bill", table="5") >> card(brand="girocard")
    book.done() >> command("cash.out", kind="expense", amount=1290, reason="Reiniger", voucher="RE-4711")
    book.done() >> add("Brot", 350)
    book.sign() >> cash()
    book.wait(3.1).tick()
    book >> book.tse.answer(book.calls()[0]) >> i.TseSurveyed(())


def second_day(book: Playbook) -> None:
    """References to both days, training, an outage, a receipt made out later."""
    book >> add("Kuchen", 500) >> cash()
    book.done() >> command("receipt.cancel", receipt="3", reason="Irrtum")
    book.done() >> command("receipt.invoice", receipt="14", name="Gasthaus Krone", city="Dresden",
                           street="Hauptstraße 2", postal_code="01067")  # fmt: skip
    book.done() >> command("mode.training", on=True) >> add("Probe", 100) >> cash()
    book.done() >> command("mode.training", on=False)
    book.paper().outage() >> add("Brot", 350) >> cash()
    book.paper() >> OPENED >> i.TseSurveyed(())


def journal(folder: Path) -> Path:
    """Play both days."""
    book = Playbook()
    book.config |= CONFIG
    book.ready(10000) >> i.CatalogOffered(ARTICLES, (), "catalogue")
    first_day(book)
    close(book.done(), reason="Zählung")
    book.wait(72_000) >> command("till.open", counted=book.state.till.expected_cash)
    second_day(book.done())
    return journal_of(close(book.done(), reason="Zählung"), folder)


def main() -> None:
    """Journal and export; or the export alone."""
    if "export" not in sys.argv:
        shutil.rmtree(JOURNAL, ignore_errors=True)
        raw = journal(JOURNAL) / "000000000000.jsonl"
        packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WBITS)
        packed = packer.compress(raw.read_bytes()) + packer.flush()
        raw.with_name(raw.name + ".gz").write_bytes(packed)
        raw.unlink()
    shutil.rmtree(EXPORT, ignore_errors=True)
    exported(JOURNAL, EXPORT).log.unlink()


if __name__ == "__main__":
    main()
