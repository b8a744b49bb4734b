import pytest
import segno

from kassd.receipt import qr

from .samples import CASH, SALE


@pytest.mark.parametrize("version", range(1, 27))
def test_capacities_are_those_of_the_standard(version: int) -> None:
    capacity = qr.CAPACITY[version - 1]
    for size, expected in ((capacity, version), (capacity + 1, version + 1)):
        code = segno.make_qr("a" * size, error="m", mode="byte", boost_error=False, mask=0)
        assert code.version == expected
    assert qr.version("a" * capacity) == version
    assert (
        qr.modules("a" * capacity)
        == segno.make_qr("a" * capacity, error="m", mode="byte").symbol_size(border=0)[0]
    )


def test_bytes_count_not_characters() -> None:
    assert qr.version("ä" * 7) == 1
    assert qr.version("ä" * 7 + "a") == 2


def test_what_fits_and_what_does_not() -> None:
    assert qr.fits("a" * 1059)
    assert not qr.fits("a" * 1060)
    assert not qr.fits("")
    with pytest.raises(ValueError, match="1060 bytes"):
        qr.version("a" * 1060)


@pytest.mark.parametrize("width", [384, 504, 576])
@pytest.mark.parametrize("text", [SALE.seal.qr, CASH.seal.qr, "a" * 250, "a" * 330], ids=len)
def test_edge_is_three_centimetres_and_fits_the_paper(text: str, width: int) -> None:
    """Also when the printer's own encoder takes a version two smaller."""
    dots = qr.module_dots(text, width)
    assert dots >= qr.MODULE_DOTS
    assert (qr.modules(text) - 8) * dots >= qr.EDGE_DOTS
    assert qr.modules(text) * dots <= width


def test_the_largest_code_still_fits_58_mm_paper() -> None:
    text = "a" * 1059
    dots = qr.module_dots(text, 384)
    assert dots == 3
    assert qr.EDGE_DOTS <= qr.modules(text) * dots <= 384
