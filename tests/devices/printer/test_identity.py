"""IEEE 1284 device ids become profiles that python-escpos has."""

import importlib.util
import json
from pathlib import Path

import pytest

from kassd.devices.printer import identity
from kassd.devices.printer.identity import OTHER, PROFILES, parse_id, profile_for, read_id

EPSON = "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;DES:EPSON TM-T88V;CID:EpsonTMESCPOS;"


def test_short_and_long_keys() -> None:
    short = parse_id(EPSON)
    assert (short["MANUFACTURER"], short["MODEL"], short["COMMAND SET"]) == ("EPSON", "TM-T88V", "ESC/POS")
    long = parse_id("MANUFACTURER:Star; model : TSP143 ;nonsense;SN:")
    assert long == {"MANUFACTURER": "Star", "MODEL": "TSP143", "SN": ""}
    assert parse_id("") == {}


@pytest.mark.parametrize(
    ("model", "profile"),
    [
        ("TM-T88V", "TM-T88V"),
        ("TM-T88VII", "TM-T88V"),
        ("TM-T88IV", "TM-T88IV"),
        ("TM-T88III", "TM-T88III"),
        ("TM-T88II", "TM-T88II"),
        ("TM-T20III", "TM-T20II"),
        ("tm-m30II", "TM-T20II"),
        ("POS_5890K", "POS-5890"),
        ("TSP143", OTHER),
        ("", OTHER),
    ],
)
def test_models(model: str, profile: str) -> None:
    assert profile_for({"MODEL": model}) == profile


def test_every_profile_exists() -> None:
    found = importlib.util.find_spec("escpos")
    assert found is not None
    assert found.submodule_search_locations
    source = Path(found.submodule_search_locations[0]) / "capabilities.json"
    assert {*PROFILES.values(), OTHER} <= set(json.loads(source.read_text(encoding="utf-8"))["profiles"])


def test_the_kernel_shows_it_also_behind_a_symlink(tmp_path: Path) -> None:
    node, link = tmp_path / "lp3", tmp_path / "bondrucker"
    node.touch()
    link.symlink_to(node)
    shown = tmp_path / "sys" / "lp3" / "device"
    shown.mkdir(parents=True)
    (shown / "ieee1284_id").write_bytes(EPSON.encode() + b"\xff\n")
    assert read_id(str(link), tmp_path / "sys")["MODEL"] == "TM-T88V"
    assert read_id(str(tmp_path / "lp4"), tmp_path / "sys") == {}


def test_what_is_configured_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "read_id", lambda path: {"MODEL": "TM-T20II"})
    assert identity.chosen("RP326", "usb", "/dev/usb/lp0") == "RP326"
    assert identity.chosen("auto", "usb", "/dev/usb/lp0") == "TM-T20II"
    assert identity.chosen("auto", "tcp", "") == OTHER, "a network printer is asked by nobody"
