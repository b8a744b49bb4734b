"""kassd.settings: what is accepted, what is refused, and what the sentence says."""

from pathlib import Path

import pytest

from kassd import settings
from kassd.core.master import printers_of
from kassd.errors import ConfigError


@pytest.fixture
def write(tmp_path: Path):
    def make(text: str) -> Path:
        file = tmp_path / "kassd.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return make


def test_environment_of_the_process(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KASSD_JOURNAL__ALIGN", "16384")
    monkeypatch.setenv("KASSD_CLIENT", '[{"name": "x", "rights": ["sell"]}]')
    loaded = settings.load(write(settings.EXAMPLE))
    assert loaded.journal.align == 16384
    assert [client.name for client in loaded.client] == ["x"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('mode = "test"', 'mode = "tset"', ["Zeile 3", "[register] mode", "production"]),
        ("align = 4096", "algn = 4096", ["[journal] algn", "unbekannt"]),
        ("align = 4096", "align = 512", ["[journal] align", "16384"]),
        ('id = "KASSE-0007"', "", ["[register] id fehlt", 'id = "KASSE-0007"']),
        ('id = "KASSE-0007"', 'id = "KASSE_7"', ["[register] id"]),
        (
            "port = 9100",
            'port = "viel"',
            ["Zeile 34: [[printer]] port", "ganze Zahl", "Beispiel: port = 9100"],
        ),
        ('printer = "printer"', 'printer = "p2"', ["[[drawer]]", "p2", "vorhanden: printer"]),
        ('timezone = "Europe/Berlin"', 'timezone = "Berlin"', ["timezone", "Europe/Berlin"]),
        ('tax_number = "203/123/12345"', "", ["tax_number", "vat_id"]),
        ('mode = "test"', 'mode = "production"', ["soft", "production"]),
        ('node = "demo.kasse-0007"', 'node = "Demo"', ["[mqtt.local] node"]),
        ("[register]", "[register", ["nicht lesbar"]),
        ("[register]", "[registre]", ["Zeile 1: [registre] ist unbekannt", "[register] fehlt"]),
        ("[register]", "[[register]]", ["Zeile 1: [register] muss ein Abschnitt sein"]),
        ("columns = 42", "columns = 10", ["Zeile 36", "mindestens 24", "Beispiel: columns = 42"]),
        (
            'name = "scanner"',
            'name = "Kasse 1"',
            ["Zeile 26: [[scanner]] name", 'Beispiel: name = "scanner"'],
        ),
    ],
)
def test_errors_name_section_key_and_example(write, old: str, new: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        settings.load(write(settings.EXAMPLE.replace(old, new, 1)), {})
    assert caught.value.exit_code == 78
    for word in words:
        assert word in str(caught.value)


SECTIONS = """
[[station]]
name = "schanklokal"
[[operator]]
name = "anna"
text = "Anna"
pin = "scrypt$14$8$1$MDEyMzQ1Njc4OWFiY2RlZg==$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
[[price_list]]
name = "abend"
title = "Abend"
prices = { "bier" = 400 }
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Backhaus Muster", r"Backhaus\nMuster", ["Zeile 6: [business] name", "U+000A", "Stelle 9"]),
        ("Dresden", r"Dresden\u0000", ["[business] city", "U+0000 (NUL)", 'Beispiel: city = "Dresden"']),
        ("203/123/12345", r"203/123/\t12345", ["[business] tax_number", "U+0009 (Tabulator)"]),
        ('"/var/lib/kassd/journal"', r'"/var/lib\u0000/journal"', ["Zeile 15: [journal] dir", "NUL"]),
        ('"/etc/kassd/catalog.json"', '"""/etc/kassd/catalog.json\n"""', ["[catalog] file", "U+000A"]),
        ('"/var/lib/kassd/tse"', r'"/var/lib/kassd/t\u200bse"', ["[tse] path", "U+200B"]),
        ('name = "printer"', r'name = "printer\u0000"', ["[[printer]] name"]),
        ('"127.0.0.1"', r'"127.0.0.1\u000d"', ["[[printer]] host", "U+000D"]),
        ('"schanklokal"', r'"schank\nlokal"', ["[[station]] name"]),
        ('"Anna"', r'"Anna\u2028"', ["[[operator]] text", "U+2028 (Zeilenumbruch)"]),
        ('"Abend"', r'"Abend\u0007"', ["[[price_list]] title", "U+0007 (Steuerzeichen)"]),
        ('"bier" = 400', r'"bier\u0007" = 400', ["[[price_list]] prices", "U+0007"]),
        ("Dresden", "Dres\0den", ["Zeile 9: nicht lesbar: hier steht ein Steuerzeichen"]),
    ],
)
def test_a_text_is_one_line_that_can_be_printed(write, old: str, new: str, words: list[str]) -> None:
    text = settings.EXAMPLE + SECTIONS
    assert settings.load(write(text), {}).price_list[0].prices == {"bier": 400}
    with pytest.raises(ConfigError) as caught:
        settings.load(write(text.replace(old, new, 1)), {})
    for word in words:
        assert word in str(caught.value)
    assert str(caught.value).isprintable()


def test_what_a_scanner_sends_may_be_anything_and_so_may_be_spaces(write) -> None:
    text = settings.EXAMPLE.replace(
        'port = "/dev/ttyACM0"', r'port = "/dev/ttyACM0"' + "\n" + r'suffix = "\r"', 1
    )
    loaded = settings.load(write(text.replace("Backhaus Muster", r"Backhaus\u00a0Muster")), {})
    assert (loaded.scanner[0].suffix, loaded.business.name) == ("\r", "Backhaus\u00a0Muster")


@pytest.mark.parametrize("section", ["register", "business", "journal"])
def test_a_missing_section_is_missing(write, section: str) -> None:
    head, _, rest = settings.EXAMPLE.partition(f"[{section}]")
    with pytest.raises(ConfigError, match=rf"\[{section}\] fehlt"):
        settings.load(write(head + rest[rest.index("\n[") :]), {})


LAST = settings.EXAMPLE.count("\n") + 2  # of a section put behind the example and an empty line


@pytest.mark.parametrize(
    ("added", "line", "words"),
    [
        ('[[printer]]\nname = "p2"\ndriver = "tcp"\nport = "x"', 3, "[[printer]] port muss eine ganze Zahl"),
        ('[[printer]]\nname = "p2"\ndriver = "tcp"', 0, "[[printer]] „p2“: host: erwartet"),
        ('[[printer]]\nname = "p2"\ndriver = "tpc"', 2, "[[printer]] driver"),
        ('[[printer]]\nname = "printer"\ndriver = "file"\npath = "/p"', 1, "zweimal"),
        ('[[printer]]\ndriver = "file"\nname = "scanner"\npath = "/p"', 2, "schon vergeben"),
        ('[[scanner]]\nname = "tse"\ndriver = "serial"\nport = "/p"', 1, "schon vergeben"),
        ('[[scanner]]\nname = "s2"\ndriver = "evdev"', 0, "[[scanner]] „s2“: device: erwartet"),
        ('[[drawer]]\nname = "d2"\ndriver = "gpio"', 0, "[[drawer]] „d2“: pin: erwartet"),
        ('[[drawer]]\nname = "d2"\ndriver = "printer"\nprinter = "p9"', 3, "'p9' ist kein [[printer]]"),
        ('[[drawer]]\nname = "d2"', 0, '[[drawer]] driver fehlt. Beispiel: driver = "printer"'),
        (
            '[[ticket]]\nname = "k"\nprinter = "p9"\ncategories = ["speisen"]',
            2,
            "[[ticket]] 'k': printer = 'p9' ist kein [[printer]]",
        ),
        (
            '[[client]]\nname = "c2"\nrights = ["sell", "fly"]',
            2,
            "[[client]] rights ist falsch, erlaubt: 'sell'",
        ),
    ],
)
def test_an_error_of_a_later_item_names_its_own_line(write, added: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings.load(write(f"{settings.EXAMPLE}\n{added}\n"), {})
    assert f"Zeile {LAST + line}: " in str(caught.value)
    assert words in str(caught.value)
    assert "Input should" not in str(caught.value)


def test_a_mirror_beside_the_journal_is_taken(write) -> None:
    text = settings.EXAMPLE.replace("align = 4096", 'mirror = "/var/lib/kassd/journal-2"')
    assert settings.load(write(text), {}).journal.mirror == Path("/var/lib/kassd/journal-2")


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="config example"):
        settings.load(tmp_path / "no.toml", {})


def test_an_unknown_variable_stops_the_start(write) -> None:
    with pytest.raises(ConfigError, match="KASSD_JURNAL__DIR"):
        settings.load(write(settings.EXAMPLE), {"KASSD_JURNAL__DIR": "x"})


def test_an_unknown_key_in_a_variable_stops_the_start(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KASSD_JOURNAL__DRI", "x")
    with pytest.raises(ConfigError, match="dri"):
        settings.load(write(settings.EXAMPLE))


def test_two_devices_of_one_name_are_refused(write) -> None:
    twice = settings.EXAMPLE + '\n[[printer]]\nname = "printer"\ndriver = "tcp"\nhost = "h"\n'
    with pytest.raises(ConfigError, match="zweimal"):
        settings.load(write(twice), {})


def test_flatten_names_list_items(write) -> None:
    flat = settings.flatten(settings.load(write(settings.EXAMPLE), {}))
    assert flat["printer.printer.host"] == "127.0.0.1"
    assert flat["client.cashier-1.rights"] == ["sell", "void", "refund", "drawer", "cash", "till", "report"]
    assert flat["journal.align"] == 4096
    assert not any(isinstance(value, float) for value in flat.values())


def test_flatten_keeps_the_order_of_the_file_where_it_counts(write) -> None:
    text = f'{settings.EXAMPLE}\n[[printer]]\nname = "a"\ndriver = "tcp"\nhost = "127.0.0.2"\n'
    flat = settings.flatten(settings.load(write(text), {}))
    assert {key: value for key, value in flat.items() if key.endswith(".rank")} == {"printer.a.rank": 1}
    assert printers_of(dict(sorted(flat.items())), "main") == ("printer", "a")


def test_fingerprint_changes_with_the_content_alone(write) -> None:
    one = settings.flatten(settings.load(write(settings.EXAMPLE), {}))
    two = settings.flatten(settings.load(write("# a comment\n" + settings.EXAMPLE), {}))
    three = settings.flatten(settings.load(write(settings.EXAMPLE.replace("Dresden", "Leipzig")), {}))
    assert settings.fingerprint(one) == settings.fingerprint(two) != settings.fingerprint(three)


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands for /etc/kassd/credentials."""
    folder = tmp_path / "etc"
    folder.mkdir()
    monkeypatch.setattr(settings, "CREDENTIALS", str(folder))
    return folder


def secret(folder: Path, name: str, content: bytes, mode: int = 0o600) -> None:
    (folder / name).write_bytes(content)
    (folder / name).chmod(mode)


def test_credentials_come_from_systemd_or_a_private_file(tmp_path: Path, credentials: Path) -> None:
    given = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    secret(credentials, "mqtt-local", b"from the file")
    assert settings.credential("mqtt-local", {}) == "from the file"
    assert settings.credential("mqtt-local", given) == "from the file", "systemd may give others only"
    secret(tmp_path, "mqtt-local", b"from systemd\n", 0o440)
    assert settings.credential("mqtt-local", given) == "from systemd"
    assert settings.credential("other", given) is None


@pytest.mark.parametrize(
    ("content", "mode", "words"), [(b"x", 0o640, "chmod 600"), (b"\xff\xfe", 0o600, "nicht lesbar")]
)
def test_a_credential_that_cannot_be_used(credentials: Path, content: bytes, mode: int, words: str) -> None:
    secret(credentials, "mqtt-local", content, mode)
    with pytest.raises(ConfigError, match=words):
        settings.credential("mqtt-local", {})


def test_an_account_needs_its_password(write, credentials: Path) -> None:
    named = settings.EXAMPLE.replace("port = 1883", 'port = 1883\nusername = "kassd"')
    loaded = settings.load(write(named), {})
    for content in (None, b"\n"):
        if content is not None:
            secret(credentials, "mqtt-local", content)
        with pytest.raises(ConfigError, match=r"'kassd': das Kennwort fehlt.*mqtt-local") as caught:
            settings.mqtt_password(loaded, {})
        assert caught.value.exit_code == 78
    secret(credentials, "mqtt-local", b"geheim\n")
    assert settings.mqtt_password(loaded, {}) == "geheim"


def test_without_an_account_no_password_is_read(write, credentials: Path) -> None:
    secret(credentials, "mqtt-local", b"geheim")
    assert settings.mqtt_password(settings.load(write(settings.EXAMPLE), {}), {}) == ""


MONEY = """
[[tender]]
name = "paypal"
type = "ElZahlungsdienstleister"
text = "PayPal"
[[currency]]
code = "CHF"
rate = "0.95"
[[agency]]
name = "lotto"
id = 3
text = "Lotto"
street = "Oststraße 105"
postal_code = "04299"
city = "Leipzig"
tax_number = "231/123/45678"
[empties]
pattern = "981NNNNPPPPPC"
"""


POST = """
[[agency]]
name = "post"
id = 3
text = "Post"
street = "Platz 1"
postal_code = "01067"
city = "Dresden"
vat_id = "DE123456789"
"""


def test_money_is_flattened_by_name_and_code(write) -> None:
    flat = settings.flatten(settings.load(write(settings.EXAMPLE + MONEY), {}))
    assert flat["tender.paypal.type"] == "ElZahlungsdienstleister"
    assert flat["currency.CHF.rate"] == "0.95"
    assert (flat["agency.lotto.id"], flat["vouchers.years"], flat["cash.round_to"]) == (3, 3, 0)
    assert flat["empties.pattern"] == "981NNNNPPPPPC"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "paypal"', 'name = "cash"', ["[[tender]] name", "schon vergeben"]),
        ('type = "ElZahlungsdienstleister"', 'type = "Bar"', ["[[tender]] type", "Guthabenkarte"]),
        ('code = "CHF"', 'code = "EUR"', ["[[currency]] code", "Währung der Kasse"]),
        ('rate = "0.95"', 'rate = "0"', ["[[currency]] rate", "größer als 0"]),
        ('rate = "0.95"', 'rate = "0.95"\n[[currency]]\ncode = "CHF"\nrate = "1"', ["kommt zweimal vor"]),
        ("[empties]", f"{POST}[empties]", ["id = 3", "zweimal"]),
        ('street = "Oststraße 105"', "", ["[[agency]] street", "fehlt"]),
        ('tax_number = "231/123/45678"', "", ["[[agency]]", "tax_number oder vat_id"]),
        ("981NNNNPPPPPC", "981NNNN", ["[empties] pattern", "Prüfziffer"]),
    ],
)
def test_errors_about_money_name_the_key(write, old: str, new: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        settings.load(write(settings.EXAMPLE + MONEY.replace(old, new, 1)), {})
    for word in words:
        assert word in str(caught.value)
