"""ECSDSA (EC-Schnorr of BSI TR-03111) verification; OpenSSL does not offer it.

Point arithmetic in Jacobian coordinates over the curves TR-03116-5 names. Only public values pass
through here, so it need not be constant in time.
"""

from kassd.deferred import dataclass

Point = tuple[int, int, int]
INFINITY: Point = (1, 1, 0)


@dataclass(frozen=True, slots=True)
class Curve:
    """Short Weierstrass curve y² = x³ + ax + b over GF(p), base point (x, y) of prime order n."""

    p: int
    a: int
    x: int
    y: int
    n: int


def _curve(p: str, a: str, g: str, n: str) -> Curve:
    half = len(g) // 2
    return Curve(int(p, 16), int(a, 16), int(g[:half], 16), int(g[half:], 16), int(n, 16))


CURVES = {
    "brainpoolP256r1": _curve(
        "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
        "7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
        "8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262547ef835c3dac4fd97f8461a"
        "14611dc9c27745132ded8e545c1d54c72f046997",
        "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
    ),
    "brainpoolP384r1": _curve(
        "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
        "7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
        "1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e2"
        "47d4af1e8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e46462177918111"
        "42820341263c5315",
        "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565",
    ),
    "brainpoolP512r1": _curve(
        "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12a"
        "e6a380e62881ff2f2d82c68528aa6056583a48f3",
        "7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c9"
        "8b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca",
        "81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b"
        "93b97d5f7c6d5047406a5e688b352209bcb9f8227dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1a"
        "a000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892",
        "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca9261941866119"
        "7fac10471db1d381085ddaddb58796829ca90069",
    ),
    "secp256r1": _curve(
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a"
        "7c0f9e162bce33576b315ececbb6406837bf51f5",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    ),
    "secp384r1": _curve(
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc",
        "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e38"
        "72760ab73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d"
        "7a431d7c90ea0e5f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    ),
    "secp521r1": _curve(
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "ffffffffffffffffffffffffffffffffffffffffffff",
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "fffffffffffffffffffffffffffffffffffffffffffc",
        "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1d"
        "c127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449"
        "579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
        "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc"
        "0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    ),
}


def double(curve: Curve, point: Point) -> Point:
    """Return 2·point."""
    x, y, z = point
    if not z or not y:
        return INFINITY
    p, yy = curve.p, y * y % curve.p
    s = 4 * x * yy % p
    m = (3 * x * x + curve.a * pow(z, 4, p)) % p
    x3 = (m * m - 2 * s) % p
    return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p


def add(curve: Curve, left: Point, right: Point) -> Point:
    """Return left + right."""
    if not left[2]:
        return right
    if not right[2]:
        return left
    p = curve.p
    z1, z2 = left[2] ** 2 % p, right[2] ** 2 % p
    u1, u2 = left[0] * z2 % p, right[0] * z1 % p
    s1, s2 = left[1] * z2 * right[2] % p, right[1] * z1 * left[2] % p
    h, r = (u2 - u1) % p, (s2 - s1) % p
    if not h:
        return INFINITY if r else double(curve, left)
    h2 = h * h % p
    h3, v = h2 * h % p, u1 * h2 % p
    x3 = (r * r - h3 - 2 * v) % p
    return x3, (r * (v - x3) - s1 * h3) % p, h * left[2] * right[2] % p


def multiply(curve: Curve, factor: int, point: Point) -> Point:
    """Return factor·point."""
    result = INFINITY
    for bit in bin(factor)[2:]:
        result = double(curve, result)
        if bit == "1":
            result = add(curve, result, point)
    return result


def affine(curve: Curve, point: Point) -> tuple[int, int]:
    """Return (x, y) of a point that is not infinity."""
    inverse = pow(point[2], -1, curve.p)
    return point[0] * inverse**2 % curve.p, point[1] * inverse**3 % curve.p


def commitment(curve: Curve, x: int, y: int, r: int, s: int) -> bytes | None:
    """Return xQ‖yQ of Q = s·G − r·P, the bytes hashed before the message; None for infinity."""
    shared = add(
        curve, multiply(curve, s, (curve.x, curve.y, 1)), multiply(curve, curve.n - r % curve.n, (x, y, 1))
    )
    if not shared[2]:
        return None
    size = (curve.p.bit_length() + 7) // 8
    qx, qy = affine(curve, shared)
    return qx.to_bytes(size, "big") + qy.to_bytes(size, "big")


def leftmost(curve: Curve, digest: bytes) -> int:
    """The number that the leftmost bits of a hash make, as many as the curve's order has (TR-03111 4.2.3)."""
    return int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - curve.n.bit_length())
