"""kassd.errors: every error says what may be done about it."""

import errno
import inspect
from typing import get_args

import pytest

from kassd import errors
from kassd.errors import Advice, CatalogError, DeviceError, JournalError, KassdError, TseRefused, refusal

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, KassdError)]
EXIT_CODES = {65, 70, 74, 75, 78}


@pytest.mark.parametrize("cls", CLASSES)
def test_each_class_is_documented_and_has_advice_and_exit_code(cls: type[KassdError]) -> None:
    assert cls.__doc__
    assert cls.advice in get_args(Advice)
    assert cls.exit_code in EXIT_CODES


def test_exit_codes_of_the_contract() -> None:
    assert errors.ConfigError.exit_code == 78
    assert errors.DataError.exit_code == errors.JournalDamaged.exit_code == 65
    assert JournalError.exit_code == 74
    assert errors.JournalLocked.exit_code == 75


def test_a_dead_journal_is_fatal_and_nothing_else_is() -> None:
    fatal = {cls for cls in CLASSES if cls.advice == "fatal"}
    assert fatal == {JournalError, errors.JournalLost}


def test_a_tse_or_device_that_is_away_may_come_back() -> None:
    for cls in (errors.TseSilent, errors.TseGone, errors.DeviceGone, errors.LinkError, errors.JournalLocked):
        assert cls.advice == "retry", cls
    for cls in (errors.TseRefused, errors.TseWrong):
        assert cls.advice == "operator", cls


def test_what_they_carry() -> None:
    catalogue = CatalogError([(2, "Preis fehlt"), (7, "doppelt")])
    assert str(catalogue) == "Zeile 2: Preis fehlt; Zeile 7: doppelt"
    assert catalogue.problems[1] == (7, "doppelt")
    refused = TseRefused("ErrorX")
    assert (refused.code, str(refused)) == ("ErrorX", "Die TSE lehnt ab: ErrorX")
    assert str(TseRefused("ErrorX", "Bitte warten.")) == "Bitte warten."
    assert (DeviceError("paper_end").reason, str(DeviceError("paper_end"))) == ("paper_end", "paper_end")


def test_a_file_that_is_refused_is_told_in_german() -> None:
    told = refusal(OSError(errno.EROFS, "Read-only file system", "/media/stick/x"))
    assert told.startswith(
        "Lesen oder Schreiben ist nicht möglich: /media/stick/x: ist schreibgeschützt. Bitte"
    )
    taken = OSError(errno.EADDRINUSE, "error while attempting to bind: address already in use")
    assert refusal(taken).endswith(
        ": dieser Port ist belegt. Bitte einen anderen nennen oder beenden, was ihn benutzt."
    )
    link = OSError(errno.ENOENT, "No such file or directory", "/dev/pts/0", None, "/nonexist/x")
    assert refusal(link).endswith(": /nonexist/x: gibt es nicht. Bitte den Pfad prüfen.")
    assert refusal(OSError(errno.ELOOP, "Too many links")).endswith(
        "Too many links. Bitte Pfad und Datenträger prüfen."
    )
    assert refusal(OSError("ohne Nummer")).endswith(": ohne Nummer. Bitte Pfad und Datenträger prüfen.")
