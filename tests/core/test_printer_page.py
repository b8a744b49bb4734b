"""The self-test page names what is configured, and nothing that is not."""

from kassd.core.printer_page import ROWS, self_test_page

CONFIG = {
    "register.id": "KASSE-1",
    "register.mode": "production",
    "business.name": "Backhaus Muster",
    "printer.bon.name": "bon",
    "printer.bon.driver": "usb",
    "printer.bon.path": "/dev/usb/lp0",
    "printer.bon.host": "",
    "printer.kueche.host": "10.0.0.2",
}


def test_the_page_of_one_printer() -> None:
    page = self_test_page(CONFIG, "bon", "D1", "2026-11-22T12:00:00+01:00")
    assert (page.kind, page.title, page.printer, page.test, page.number) == (
        "test",
        "Druckertest",
        "bon",
        False,
        "",
    )
    (section,) = page.sections
    shown = {row.label: row.text for row in section.rows}
    assert (section.title, shown) == ("bon", {ROWS["driver"]: "usb", ROWS["path"]: "/dev/usb/lp0"})
