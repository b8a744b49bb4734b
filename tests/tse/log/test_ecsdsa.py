import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kassd.tse.log import ecsdsa
from kassd.tse.log.algorithms import CURVE_NAMES, curve_class

ALL = pytest.mark.parametrize("name", CURVE_NAMES)


@ALL
def test_multiplication_agrees_with_openssl(name: str) -> None:
    numbers = ec.generate_private_key(curve_class(name)).private_numbers()
    curve = ecsdsa.CURVES[name]
    point = ecsdsa.multiply(curve, numbers.private_value, (curve.x, curve.y, 1))
    assert ecsdsa.affine(curve, point) == (numbers.public_numbers.x, numbers.public_numbers.y)


@ALL
def test_order_leads_to_infinity(name: str) -> None:
    curve = ecsdsa.CURVES[name]
    base = (curve.x, curve.y, 1)
    assert not ecsdsa.multiply(curve, curve.n, base)[2]
    minus = ecsdsa.multiply(curve, curve.n - 1, base)
    assert not ecsdsa.add(curve, minus, base)[2]
    assert ecsdsa.affine(curve, ecsdsa.add(curve, base, base)) == ecsdsa.affine(
        curve, ecsdsa.double(curve, base)
    )
    assert ecsdsa.add(curve, ecsdsa.INFINITY, base) == base == ecsdsa.add(curve, base, ecsdsa.INFINITY)


def test_commitment_at_infinity_is_none() -> None:
    curve = ecsdsa.CURVES["secp256r1"]
    assert ecsdsa.commitment(curve, curve.x, curve.y, 5, 5) is None
