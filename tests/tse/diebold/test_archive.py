"""Archives: sieved, joined, ended."""

import pytest

from kassd.tse.diebold.archive import Joined
from kassd.tse.log.messages import TransactionData, encode, to_sign
from kassd.tse.log.tar import END, TarError, TarReader, entry
from kassd.tse.port import ExportFilter

LONG = "x" * 150 + ".cer"


def log(counter: int, number: int, client: str = "A", second: int = 1000) -> bytes:
    data = TransactionData("start", client, b"", "", number)
    signed = to_sign(2, data, bytes(32), "0.4.0.127.0.7.1.1.4.1.4", counter, second * 1000, "unixTime")
    return entry(f"Sig-{counter}.log", encode(signed, bytes(96)), second)


ARCHIVE = (
    entry("info.csv", b"x", 0)
    + entry(LONG, b"c", 0)
    + log(1, 1)
    + log(2, 2, "B", 2000)
    + log(3, 3, "A", 3000)
    + END
)


def names(raw: bytes) -> list[str]:
    reader = TarReader()
    found = [member.name for member in reader.feed(raw)]
    assert reader.ended
    return found


def joined(chosen: ExportFilter, *archives: bytes, step: int = 700) -> bytes:
    made, out = Joined(chosen), b""
    for archive in archives:
        made.begin()
        for at in range(0, len(archive), step):
            out += made.feed(archive[at : at + step])
    return out + made.close()


@pytest.mark.parametrize("step", [1, 511, 512, 100_000])
def test_all_is_passed_on_byte_for_byte(step: int) -> None:
    assert joined(ExportFilter(), ARCHIVE, step=step) == ARCHIVE


def test_an_archive_without_end_gets_one() -> None:
    assert joined(ExportFilter(), ARCHIVE[: -len(END)]) == ARCHIVE


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        (ExportFilter(after_counter=1), [2, 3]),
        (ExportFilter(after_counter=3), []),
        (ExportFilter(transaction_number=2), [2]),
        (ExportFilter(first_transaction=2), [2, 3]),
        (ExportFilter(last_transaction=2), [1, 2]),
        (ExportFilter(client_id="A"), [1, 3]),
        (ExportFilter(start_time=2000, end_time=2000), [2]),
        (ExportFilter(client_id="A", start_time=2000), [3]),
    ],
)
def test_the_host_sieves(chosen: ExportFilter, kept: list[int]) -> None:
    assert names(joined(chosen, ARCHIVE)) == ["info.csv", LONG, *(f"Sig-{n}.log" for n in kept)]


def test_two_archives_become_one() -> None:
    both = joined(ExportFilter(), ARCHIVE, entry("more.log", b"", 0) + END)
    assert names(both)[-1] == "more.log"


@pytest.mark.parametrize("broken", [ARCHIVE[:600], ARCHIVE[:20] + b"x" + ARCHIVE[21:], ARCHIVE[:100]])
def test_a_broken_archive_is_no_archive(broken: bytes) -> None:
    with pytest.raises(TarError):
        joined(ExportFilter(), broken)


def test_no_archive_is_none() -> None:
    with pytest.raises(TarError):
        joined(ExportFilter())
