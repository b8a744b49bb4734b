"""The unit of the box, judged by systemd's own tools."""

import configparser
import re
import subprocess
from pathlib import Path

import pytest

from kassd.app.tse_secrets import CREDENTIAL
from kassd.settings import CREDENTIALS, MqttLink, TseSection

SYSTEMD = Path(__file__).resolve().parent.parent / "systemd"
UNIT = SYSTEMD / "kassd.service"
SCANNERS = 8  # more than any counter has
EXPOSURE_LIMIT = "20"  # tenths: systemd calls up to 2.0 OK


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as installed, its program replaced by one that is there."""
    text = UNIT.read_text(encoding="utf-8")
    assert "ExecStart=/usr/bin/kassd run " in text
    copy = tmp_path / "kassd.service"
    copy.write_text(text.replace("/usr/bin/kassd run", "/bin/true"), encoding="utf-8")
    return copy


def test_the_unit_is_clean(unit: Path) -> None:
    verdict = analyze("verify", "--man=no", str(unit))
    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, "")


def test_the_mount_of_a_tse_is_clean() -> None:
    verdict = analyze("verify", "--man=no", str(SYSTEMD / "mnt-tse.mount"))
    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, "")


def test_a_wrong_setting_would_be_found(unit: Path) -> None:
    unit.write_text(unit.read_text(encoding="utf-8").replace("WatchdogSec=30", "WatchdogSecs=30"))
    assert "WatchdogSecs" in analyze("verify", "--man=no", str(unit)).stderr


def test_the_unit_is_hardened(unit: Path) -> None:
    verdict = analyze("security", "--offline=yes", f"--threshold={EXPOSURE_LIMIT}", str(unit))
    assert verdict.returncode == 0, verdict.stdout[-400:]


def test_what_the_daemon_relies_on() -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keep the case of the keys
    parser.read(UNIT, encoding="utf-8")
    service = parser["Service"]
    assert service["Type"] == "notify"
    assert service["WatchdogSec"] == "30"
    assert service["Restart"] == "always"
    assert parser["Unit"]["StartLimitIntervalSec"] == "0"
    asks = {"adjtimex", "clock_adjtime", "clock_adjtime64"}  # whether the clock is synchronised
    assert asks <= set(service["SystemCallFilter"].split())
    assert "ProtectClock" not in service
    assert service["CapabilityBoundingSet"] == ""
    assert int(service["FileDescriptorStoreMax"]) >= 2 * SCANNERS, "a device and a tape of each are left"
    assert service["WorkingDirectory"] == f"/run/{service['RuntimeDirectory']}"


def test_the_credentials_offered_are_those_that_are_read() -> None:
    text = UNIT.read_text(encoding="utf-8")
    offered = dict(re.findall(r"^#?LoadCredential=([\w.-]+):(\S+)$", text, re.MULTILINE))
    mqtt, tse = (
        MqttLink.model_fields["password_credential"].default,
        TseSection.model_fields["secrets"].default,
    )
    assert offered == {mqtt: f"{CREDENTIALS}/{mqtt}", CREDENTIAL: str(tse)}


def test_every_group_and_the_user_exist_on_the_box(tmp_path: Path) -> None:
    """systemd-sysusers makes the user from our file; the other groups are Debian's own."""
    for folder in ("etc", "usr/lib/sysusers.d"):
        (tmp_path / folder).mkdir(parents=True)
    made = subprocess.run(
        ["systemd-sysusers", f"--root={tmp_path}", str(SYSTEMD / "kassd.sysusers.conf")],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    groups = {
        line.split(":")[0] for line in (tmp_path / "etc/group").read_text(encoding="ascii").splitlines()
    }
    users = {
        line.split(":")[0] for line in (tmp_path / "etc/passwd").read_text(encoding="ascii").splitlines()
    }
    assert users == {"kassd"}
    assert groups == {"kassd", "gpio"}
