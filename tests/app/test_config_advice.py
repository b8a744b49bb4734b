"""kassd.app.config_advice: what is told of a valid configuration, and what nobody is bothered with."""

import tomllib
from pathlib import Path

import pytest

from kassd.app.config_advice import Advice, advice, is_mistyped
from kassd.settings import Settings

BASE = """
[register]
id = "K1"
mode = "production"
[business]
name = "X"
street = "Y 1"
postal_code = "01067"
city = "Z"
tax_number = "1/2/3"
[journal]
dir = "/tmp/j"
[tse]
driver = "epson"
host = "192.168.4.9"
[mqtt.local]
node = "demo.k1"
"""
LINK = '[receipt_link]\nurl = "http://192.168.4.1:8088"\n'


def client(name: str, station: str, rights: str = '["sell", "till"]') -> str:
    return f'[[client]]\nname = "{name}"\nstation = "{station}"\nrights = {rights}\n'


def printer(name: str, station: str) -> str:
    return f'[[printer]]\nname = "{name}"\nstation = "{station}"\ndriver = "tcp"\nhost = "127.0.0.1"\n'


def scanner(name: str, station: str) -> str:
    return f'[[scanner]]\nname = "{name}"\nstation = "{station}"\ndriver = "serial"\nport = "/dev/x"\n'


def drawer(name: str, station: str) -> str:
    return f'[[drawer]]\nname = "{name}"\nstation = "{station}"\ndriver = "gpio"\npin = 17\n'


def told(*sections: str, mode: str = "production") -> list[Advice]:
    text = "\n".join([BASE.replace("production", mode), *sections])
    return list(advice(Settings(**tomllib.loads(text))))


@pytest.mark.parametrize(
    "sections",
    [
        [client("c", "kasse-1"), printer("p", "kasse-1")],
        [client("c", "main"), client("d", "main", "[]"), scanner("s", "main"), printer("p", "main")],
        [
            *(client(f"c{n}", f"kasse-{n}") for n in (1, 2, 11)),
            *(printer(f"p{n}", f"kasse-{n}") for n in (1, 2)),
            LINK,
        ],
        [client("c", "theke-a"), printer("p", "theke-a"), client("d", "theke-b"), LINK],
        [client("c", "kasse"), printer("p", "kasse"), client("d", "kasse-2"), LINK],
        [client("c", "bar-innen"), printer("p", "bar-innen"), client("d", "bar-aussen"), LINK],
        [client("c", "wagen-rot"), printer("p", "wagen-rot"), client("d", "wagen-blau"), LINK],
        [client("c", "garten"), printer("p", "garten"), client("d", "karten"), LINK],
        [client("c", "kiosk"), scanner("s", "kiosk"), LINK],
        [client("c", "main"), printer("p", "main"), client("office", "buero", '["catalog", "report"]')],
        [
            client("c", "main"),
            printer("p", "main"),
            printer("k", "main"),
            '[[ticket]]\nname="t"\nprinter="k"',
        ],
        [client("c", "main"), printer("p", "main"), '[[station]]\nname = "main"\n'],
        [client("c", "main"), printer("p", "main"), drawer("d", "main"), drawer("e", "zwei")],
    ],
)
def test_what_may_be_wanted_is_not_spoken_of(sections: list[str]) -> None:
    assert told(*sections) == []


def test_selling_without_any_way_to_a_receipt() -> None:
    (found,) = told(client("c", "main"))
    assert (found.level, found.place) == ("warning", ("client", 0, "station"))
    assert "§ 146a Abs. 2 AO" in found.message
    assert 'station = "main" oder [receipt_link]' in found.remedy
    assert told(client("c", "main"), LINK) == []
    exempt = (
        '[receipt_exemption]\nfile_number = "1"\nscope = "x"\n'
        "valid_from = 2026-01-01\nvalid_until = 2026-12-31\n"
    )
    assert told(client("c", "main"), exempt) == []
    assert told(client("c", "main", '["report"]')) == [], "nobody sells here"


def test_in_test_mode_clients_that_are_not_listed_sell_at_main() -> None:
    (found,) = told(mode="test")
    assert "„main“" in found.message
    assert told(printer("p", "main"), mode="test") == []
    assert told(client("c", "theke"), printer("p", "theke"), mode="test") == []


def test_a_printer_elsewhere_is_named() -> None:
    (found,) = told(client("c", "bar"), printer("p", "theke"))
    assert found.remedy.endswith('Oder gehört hierher station = "theke"?')


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("kasse1", "kasse-1"),
        ("kase-1", "kasse-1"),
        ("mian", "main"),
        ("terasse", "terrasse"),
        ("tehke", "theke"),
    ],
)
def test_a_mistyped_station_is_told_once_with_what_is_meant(wrong: str, right: str) -> None:
    (found,) = told(client("a", right), client("c", wrong), printer("p", right), LINK)
    assert found.place == ("client", 1, "station")
    assert f"„{wrong}“" in found.message
    assert f'station = "{right}"' in found.remedy


def test_a_mistyped_printer_or_section_is_told_too() -> None:
    (found,) = told(client("a", "kasse-1"), scanner("s", "kasse-1"), printer("p", "kasse1"), LINK)
    assert found.place == ("printer", 0, "station")
    shop = client("a", "kiosk-1"), scanner("s", "kiosk-1"), printer("p", "kiosk-1")
    (found,) = told(*shop, '[[station]]\nname = "kiosk1"\nattended = false\n')
    assert found.place == ("station", 0, "name")


def test_what_differs_in_number_or_letter_is_another_one() -> None:
    assert not any(
        is_mistyped(one, other)
        for one, other in [
            ("kasse-1", "kasse-2"),
            ("kasse", "kasse-1"),
            ("a", "b"),
            ("eg", "og"),
            ("bar", "bad"),
        ]
    )
    assert is_mistyped("kasse-01", "kasse-1")
    assert is_mistyped("kassenplatz-nord", "kassenplatznord")


def test_a_display_where_nobody_sells() -> None:
    shop = client("c", "main"), printer("p", "main")
    (found,) = told(*shop, client("kunde", "zwei", "[]"))
    assert "kunde zeigt dort nie etwas" in found.message
    assert told(*shop, client("kunde", "zwei", "[]"), '[[station]]\nname = "zwei"\n') == []


def test_several_printers_and_drawers_of_one_station() -> None:
    rivals = told(client("c", "main"), printer("b", "main"), printer("a", "main"))
    assert [(one.level, one.place) for one in rivals] == [("info", ("printer", 1, "station"))]
    assert "druckt „b“ (steht zuerst in der Datei), „a“ nur" in rivals[0].message
    (found,) = told(client("c", "main"), printer("p", "main"), drawer("y", "main"), drawer("x", "main"))
    assert (found.level, found.place) == ("warning", ("drawer", 0, "station"))
    assert "öffnet sich nur „x“" in found.message


def test_what_a_register_cannot_do_without() -> None:
    head, _, tse = BASE.partition("[tse]")
    mqtt = tse[tse.index("[mqtt") :]
    shop = client("c", "main"), printer("p", "main")

    def found(base: str) -> list[Advice]:
        return list(advice(Settings(**tomllib.loads("\n".join([base, *shop])))))

    assert [one.message[:10] for one in found(f"{head}{mqtt}")] == ["Ohne [tse]"]
    assert [one.message[:18] for one in found(f"{head}[tse]{tse.partition('[mqtt')[0]}")] == [
        "Ohne [mqtt.local] "
    ]
    (relative,) = found(BASE.replace("/tmp/j", "j"))
    assert relative.place == ("journal", "dir")
    assert f'dir = "{Path.cwd() / "j"}"' in relative.remedy
