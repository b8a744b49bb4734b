"""A real device's exchanges, played to the link: it writes the recorded bytes and reads the same results."""

import io

import pytest

from kassd.errors import TseRefused
from kassd.tse.cryptovision import answers
from kassd.tse.cryptovision.codec import Code, Mode, byte_array, command, long, string
from kassd.tse.cryptovision.exports import export_data
from kassd.tse.cryptovision.link import Link
from kassd.tse.log import verify_tar
from kassd.tse.log.tar import END
from kassd.tse.port import ExportFilter
from tests.tse.cryptovision.kit import Play, answered, read, written
from tests.tse.log.samples import VECTORS

RECORDED = VECTORS / "tse" / "cryptovision-wire"
Steps = list[tuple[str, bytes]]

FIRMWARE = "462076 Dec 18 2019 00:11:50"
SUSPEND = [("write", written("0000", 0x5344)), ("read", read(0, b"\x53\x44"))]
BUSY = [("read", read(0xFFFF, bytes.fromhex("00005c540000")))]
STARTED = answered("0031 04001b" + FIRMWARE.encode().hex() + "020010 0103d047f5001b8559efc7f5aaf54c67")
START = [*SUSPEND, ("write", written("5c5400000000")), *BUSY, *BUSY, ("read", STARTED)]
UPDATE_TIME = ("write", written("5c5400070007 0200045ec14360"))
GOLDEN: dict[str, Steps] = {
    "SeStartAsync": START,
    "SeUpdateTimeAsync": [
        *START,
        ("write", written("5c5400030017 04000954696d6541646d696e 0200083232323232323232")),
        ("read", answered("0009 010001 00 030002 0003")),
        UPDATE_TIME,
        ("read", answered("0000")),
        ("write", written("5c540005000c 04000954696d6541646d696e")),
        ("read", answered("0000")),
    ],
    "SeUpdateTimeAsync_Not_Authenticated_Exception": [
        *START,
        UPDATE_TIME,
        ("read", answered("8008")),
        ("write", written("c4")),
    ],
}


def recording(name: str) -> Steps:
    files = sorted((RECORDED / name).iterdir())
    return [(file.stem.split("-")[1], file.read_bytes()) for file in files]


def sources(name: str) -> list[object]:
    absent = pytest.mark.skipif(not RECORDED.is_dir(), reason="folder ../shared/vectors is absent")
    return [pytest.param(name, id="recorded", marks=absent), pytest.param(GOLDEN[name], id="golden")]


def opened(play: Play, source: str | Steps) -> Link:
    """A link on the transcript, after Start."""
    folder, _ = play(recording(source) if isinstance(source, str) else source)
    link = Link(folder, timeout_s=2.0, drain_s=2.0)
    link.open()
    link.suspend(Mode.DISABLE_SUSPEND)
    found = link.call(command(Code.START))
    assert found == (FIRMWARE, bytes.fromhex("0103d047f5001b8559efc7f5aaf54c67"))
    return link


@pytest.mark.parametrize("source", sources("SeStartAsync"))
def test_start(play: Play, source: str | Steps) -> None:
    opened(play, source).close()


@pytest.mark.parametrize("source", sources("SeUpdateTimeAsync"))
def test_update_time(play: Play, source: str | Steps) -> None:
    link = opened(play, source)
    login = link.call(command(Code.AUTHENTICATE_USER, string("TimeAdmin"), byte_array(b"22222222")))
    assert answers.login(login) == (0, 3)
    assert link.call(command(Code.UPDATE_TIME, long(0x5EC14360))) == ()
    assert link.call(command(Code.LOG_OUT, string("TimeAdmin"))) == ()
    link.close()


@pytest.mark.parametrize("source", sources("SeUpdateTimeAsync_Not_Authenticated_Exception"))
def test_update_time_without_login(play: Play, source: str | Steps) -> None:
    link = opened(play, source)
    with pytest.raises(TseRefused) as caught:
        link.call(command(Code.UPDATE_TIME, long(0x5EC14360)))
    assert caught.value.code == "ErrorUserNotAuthenticated"
    link.cancel()  # the recording ends before an answer to it
    link.close()


def whole_export(link: Link) -> bytes:
    stream = link.begin_export(export_data(ExportFilter()))
    data = stream.data
    while len(data) < stream.length:
        data += link.more(stream, stream.length - len(data))
    link.end_export(stream)
    link.close()
    return data


@pytest.mark.skipif(not RECORDED.is_dir(), reason="folder ../shared/vectors is absent")
def test_export(play: Play) -> None:
    data = whole_export(opened(play, "SeExportDataAsync"))
    assert data == (RECORDED / "export-reassembled-no-eof.tar").read_bytes()
    assert data + END == (RECORDED / "export-reassembled.tar").read_bytes()
    verdict = verify_tar(io.BytesIO(data + END))
    assert verdict.ok, verdict.findings
    assert verdict.checked == 14


def test_an_export_in_three_pieces(play: Play) -> None:
    data = bytes(range(256)) * 78  # 19 968 bytes, as in the recording
    full = "5c54000d002d 040000 020004ffffffff" + "02000400000000 020004ffffffff" * 2 + "02000400000000"
    head = b"\x90\x00" + (19968).to_bytes(8, "big")
    more: Steps = [("write", written("c5"))]
    link = opened(
        play,
        [
            *START,
            ("write", written(full)),
            *BUSY,
            ("read", read(0x1FDE, head + data[:8148])),
            *more,
            ("read", read(0x1FDE, data[8148:16306])),
            *more,
            ("read", read(0x0E4E, data[16306:])),
        ],
    )
    assert whole_export(link) == data


def test_the_recordings_are_all_played() -> None:
    if not RECORDED.is_dir():
        pytest.skip("folder ../shared/vectors is absent")
    assert {each.name for each in RECORDED.iterdir() if each.is_dir()} == {*GOLDEN, "SeExportDataAsync"}
