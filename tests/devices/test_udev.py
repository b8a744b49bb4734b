"""udev/70-kassd.rules can be read by udev and says what the drivers rely on."""

import re
import shutil
import subprocess
from pathlib import Path

RULES = Path(__file__).parents[2] / "udev" / "70-kassd.rules"
KEY = r"(?:ACTION|SUBSYSTEM|KERNEL|GROUP|MODE|SYMLINK|GOTO|LABEL|IMPORT\{\w+\}|ATTRS\{\w+\}|ENV\{\w+\})"
TOKEN = re.compile(rf'({KEY})(==|!=|\+=|-=|:=|=)"([^"]*)"')


def rules() -> list[list[tuple[str, str, str]]]:
    lines = (line.strip() for line in RULES.read_text().splitlines())
    return [TOKEN.findall(line) for line in lines if line and not line.startswith("#")]


def test_every_line_is_a_list_of_known_keys() -> None:
    for line in RULES.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            rest = TOKEN.sub("", line)
            assert set(rest) <= {",", " "}, line


def test_matches_compare_and_settings_assign() -> None:
    for rule in rules():
        for key, operator, _ in rule:
            if key in ("ACTION", "SUBSYSTEM", "KERNEL") or key.startswith("ATTRS"):
                assert operator in ("==", "!="), rule
            if key in ("GROUP", "MODE", "GOTO", "LABEL"):
                assert operator == "=", rule


def test_every_goto_has_its_label_further_down() -> None:
    seen: list[str] = []
    for rule in rules():
        settings = {key: value for key, _, value in rule}
        if "GOTO" in settings:
            seen.append(settings["GOTO"])
        if "LABEL" in settings:
            while settings["LABEL"] in seen:
                seen.remove(settings["LABEL"])
    assert seen == []


def test_scanners_are_hidden_from_logind_and_libinput() -> None:
    hidden = [rule for rule in rules() if ("ENV{LIBINPUT_IGNORE_DEVICE}", "=", "1") in rule]
    assert len(hidden) == 1
    assert ("ENV{ID_INPUT_KEYBOARD}", "=", "") in hidden[0]
    assert ("ENV{ID_INPUT_KEY}", "=", "") in hidden[0]
    assert ("ENV{ID_KASSD_ROLE}", "==", "scanner") in hidden[0]


def test_order_among_the_systems_own_rules() -> None:
    assert "60-input-id.rules" < RULES.name < "70-power-switch.rules"


def test_nodes_have_the_groups_of_the_service() -> None:
    groups = {value for rule in rules() for key, _, value in rule if key == "GROUP"}
    assert groups == {"input", "dialout", "lp", "gpio"}
    assert {value for rule in rules() for key, _, value in rule if key == "MODE"} == {"0660"}


def test_udev_itself_agrees() -> None:
    udevadm = shutil.which("udevadm")
    if udevadm is None:
        return  # the checks above stand alone where udev is not installed
    done = subprocess.run([udevadm, "verify", str(RULES)], capture_output=True, text=True, check=False)
    if "Unknown command verb" not in done.stderr:
        assert done.returncode == 0, done.stdout + done.stderr
