import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.tse.log import der, times
from kassd.tse.log.der import DerError
from kassd.tse.log.times import TIME_FORMATS, TimeFormat

MOMENT = 1_589_712_778_123  # 2020-05-17T10:52:58.123Z


def test_iso_both_ways() -> None:
    assert times.to_iso(MOMENT) == "2020-05-17T10:52:58.123Z"
    assert times.from_iso("2020-05-17T10:52:58.123Z") == MOMENT
    assert times.from_iso("2020-05-17T10:52:58Z") == MOMENT - 123
    assert times.from_iso("2020-05-17T10:52:58.5Z") == MOMENT - 123 + 500


@pytest.mark.parametrize(
    ("time_format", "encoded", "name"),
    [
        ("unixTime", "02045ec1178a", "Unixt_1589712778"),
        ("utcTime", "170b323030353137313035325a", "Utc_2005171052Z"),
        ("utcTimeWithSeconds", "170d3230303531373130353235385a", "Utc_200517105258Z"),
        ("generalizedTime", "180f32303230303531373130353235385a", "Gent_20200517105258Z"),
        (
            "generalizedTimeWithMilliseconds",
            "181332303230303531373130353235382e3132335a",
            "Gent_20200517105258.123Z",
        ),
    ],
)
def test_formats(time_format: TimeFormat, encoded: str, name: str) -> None:
    assert times.encode_time(MOMENT, time_format).hex() == encoded
    assert times.file_time(MOMENT, time_format) == name


@given(st.integers(0, 2_524_607_999_000), st.sampled_from(TIME_FORMATS))
def test_decode_inverts_encode(moment: int, time_format: TimeFormat) -> None:
    raw = times.encode_time(moment, time_format)
    found, found_format = times.decode_time(raw[0], raw[2:])
    assert found_format == time_format
    assert 0 <= moment - found < 60_000
    assert times.encode_time(found, time_format) == raw
    assert times.from_iso(times.to_iso(found)) == found


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (0x17, b"991332000000Z"),
        (0x17, b"20051710525"),
        (0x18, b"20200517105258.1234Z"),
        (0x18, b"20200230000000Z"),
        (0x02, b"\xff"),
        (0x02, bytes([0x7F] * 9)),
        (0x04, b"x"),
    ],
)
def test_bad_times_are_refused(tag: int, value: bytes) -> None:
    with pytest.raises(DerError):
        times.decode_time(tag, value)


@pytest.mark.parametrize("text", ["", "2020-05-17 10:52:58Z", "2020-02-30T00:00:00Z", "2020-05-17T10:52:58"])
def test_bad_iso_is_refused(text: str) -> None:
    with pytest.raises(DerError):
        times.from_iso(text)


def test_candidates_cover_what_devices_do() -> None:
    assert times.signed_candidates(MOMENT, "utcTime") == [
        times.encode_time(MOMENT, "utcTimeWithSeconds"),
        times.encode_time(MOMENT, "utcTime"),
    ]
    assert times.signed_candidates(MOMENT - 123, "generalizedTime") == [
        times.encode_time(MOMENT - 123, "generalizedTime"),
        times.encode_time(MOMENT - 123, "generalizedTimeWithMilliseconds"),
    ]
    half = MOMENT - 123 + 500
    assert der.tlv(0x18, b"20200517105258.5Z") in times.signed_candidates(half, "generalizedTime")
    for unknown in ("localTime", "generalizedTimeX", "UnixTime"):
        with pytest.raises(DerError, match="unbekannt"):
            times.signed_candidates(MOMENT, unknown)


@pytest.mark.parametrize(
    ("named", "lost"),
    [
        ("unixTime", [123]),
        ("utcTime", [123, 58_123]),
        ("generalizedTime", [0, 0]),
        ("generalizedTimeWithMilliseconds", [0, 0]),
    ],
)
def test_what_a_candidate_says(named: str, lost: list[int]) -> None:
    found = times.signed_candidates(MOMENT, named)
    assert [MOMENT - times.encoded_instant(each) for each in found] == lost


def test_times_in_file_names() -> None:
    fine, whole = "generalizedTimeWithMilliseconds", MOMENT - 123
    assert times.same_file_time("Gent_20200517105258.5Z", whole + 500, fine)
    assert times.same_file_time("Gent_20200517105258.500Z", whole + 500, fine)
    assert times.same_file_time("Gent_20200517105258Z", whole, fine)
    assert not times.same_file_time("Gent_20200517105258.5Z", whole, fine)
    assert not times.same_file_time("Gent_20200517105258Z", whole, "unixTime")
    assert not times.same_file_time("Gent_20201717105258Z", whole, fine)
