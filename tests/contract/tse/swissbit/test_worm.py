"""The vendor's library through ctypes, against a shared object with the same symbols (``standin.c``)."""

import subprocess
from pathlib import Path

import pytest

from kassd.errors import TseError, TseGone, TseRefused, TseSilent
from kassd.tse import codes
from kassd.tse.swissbit.worm import Worm, load
from tests.tse.swissbit.helpers import CLIENT, SECRETS, archive, bring_up, driver, plugged, sale


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("worm") / "libWormAPI.so"
    source = Path(__file__).with_name("standin.c")
    command = ["gcc", "-shared", "-fPIC", "-Wall", "-Werror", "-o", str(made), str(source)]
    subprocess.run(command, check=True, timeout=60)
    return made


def calls(volume: Path) -> list[str]:
    return (volume / "calls.log").read_text().splitlines()


def test_every_call_reaches_the_library_as_declared(library: Path, tmp_path: Path) -> None:
    (tmp_path / "export.tar").write_bytes(bytes(range(256)) * 10)
    pieces: list[bytes] = []
    with Worm(library, tmp_path) as worm:
        worm.logout("TimeAdmin")
        worm.unblock("Admin", "654321", "12345")
        worm.export(pieces.append)
        worm.delete_stored_data()
        worm.decommission()
    assert b"".join(pieces) == bytes(range(256)) * 10
    assert calls(tmp_path) == [
        *("init", "logout 2", "unblock 1 654321 12345", "export", "delete", "decommission", "cleanup")
    ]


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (0x100F, TseRefused, codes.NOT_AUTHORIZED),
        (0x1012, TseRefused, codes.UNEXPORTED),
        (0x1014, TseRefused, codes.OPEN_TRANSACTIONS),
        (2, TseGone, ""),
        (3, TseGone, ""),
        (4, TseSilent, ""),
        (13, TseSilent, ""),
        (7, TseRefused, codes.STORAGE),
        (12, TseRefused, codes.NO_DATA),
        (11, TseRefused, "WORM_ERROR_11"),
    ],
)
def test_its_errors(library: Path, tmp_path: Path, answer: int, error: type[TseError], code: str) -> None:
    (tmp_path / "answer").write_text(f"decommission {answer}\n")
    with Worm(library, tmp_path) as worm, pytest.raises(error) as caught:
        worm.decommission()
    assert not code or caught.value.code == code  # type: ignore[attr-defined]


def test_a_wrong_puk_tells_what_is_left(library: Path, tmp_path: Path) -> None:
    (tmp_path / "answer").write_text(f"unblock {0x1100}\n")
    with Worm(library, tmp_path) as worm, pytest.raises(TseRefused, match="PUK falsch, noch 2 Versuche"):
        worm.unblock("Admin", "000000", "12345")


def test_what_the_reader_raises_ends_the_export(library: Path, tmp_path: Path) -> None:
    (tmp_path / "export.tar").write_bytes(bytes(5000))

    def take(chunk: bytes) -> None:
        raise TseError("enough")

    with Worm(library, tmp_path) as worm, pytest.raises(TseError, match="enough"):
        worm.export(take)


def test_no_library_and_a_wrong_one(tmp_path: Path) -> None:
    with pytest.raises(TseRefused, match="Löschen geht bei einer Swissbit-TSE nur mit"):
        load(None, tmp_path, "Löschen")
    for path in (tmp_path / "missing.so", Path(__file__)):
        with pytest.raises(TseRefused, match="worm_library"):
            load(path, tmp_path, "Löschen")


# -- the driver with the library; the volume is not the simulator's, whose files no library knows


async def test_delete_only_what_was_exported_and_is_still_all_there_is(library: Path, tmp_path: Path) -> None:
    with plugged(tmp_path) as sim:
        tse = driver(sim, worm_library=library)
        volume = tmp_path / "volume"
        volume.mkdir()
        await bring_up(tse)
        await sale(tse)
        object.__setattr__(tse, "_worm", lambda what: Worm(library, volume))
        with pytest.raises(TseRefused) as caught:
            await tse.delete_exported()
        assert caught.value.code == codes.UNEXPORTED
        (volume / "export.tar").write_bytes(exported := await archive(tse))
        await sale(tse)
        (volume / "export.tar").write_bytes(newer := await archive(tse))
        tse._exported, newest = None, tse._exported
        async for _ in tse.export():
            break  # not read to its end
        with pytest.raises(TseRefused):
            await tse.delete_exported()
        tse._exported = newest
        (volume / "export.tar").write_bytes(exported)
        with pytest.raises(TseRefused) as caught:
            await tse.delete_exported()
        assert caught.value.code == codes.UNEXPORTED
        (volume / "export.tar").write_bytes(newer[: len(newer) // 2])
        with pytest.raises(TseError):
            await tse.delete_exported()
        assert "delete" not in calls(volume)
        (volume / "export.tar").write_bytes(newer)
        await tse.delete_exported()
        assert calls(volume)[-4:] == ["init", "export", "delete", "cleanup"]
        with pytest.raises(TseRefused):
            await tse.delete_exported()


async def test_disable_unblock_and_log_out(library: Path, tmp_path: Path) -> None:
    with plugged(tmp_path) as sim:
        tse = driver(sim, worm_library=library)
        volume = tmp_path / "volume"
        volume.mkdir()
        await bring_up(tse)
        object.__setattr__(tse, "_worm", lambda what: Worm(library, volume))
        await tse.disable()
        await tse.unblock("TimeAdmin", SECRETS.admin_puk, "11111")
        (volume / "answer").write_text(f"unblock {0x1100}\n")
        for _ in range(3):
            with pytest.raises(TseRefused) as caught:
                await tse.unblock("TimeAdmin", "000000", "11111")
            assert caught.value.code == codes.WRONG_PIN
        await tse.register(CLIENT)
        await tse.log_out("Admin")
        assert "Admin" not in tse._session.logged_in
        assert len([call for call in calls(volume) if call.startswith("unblock 2 000000")]) == 1
