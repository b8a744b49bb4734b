"""Builds log messages and archives with keys of our own, independent of the soft TSE's code paths."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kassd.tse.log import ecsdsa, tar
from kassd.tse.log.algorithms import by_name, curve_class, from_library, hash_class
from kassd.tse.log.messages import Data, SystemData, TransactionData, encode, parse, to_sign
from kassd.tse.log.names import log_name
from kassd.tse.log.times import TimeFormat

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "vectors"
T0 = 1_790_000_000_000


class Signer:
    """A key with a self-signed certificate that signs anything."""

    def __init__(self, curve: str = "brainpoolP256r1", algorithm: str = "ecdsa-plain-SHA256") -> None:
        self.private = ec.generate_private_key(curve_class(curve))
        self.public = from_library(self.private.public_key())
        found = by_name(algorithm)
        assert found is not None
        self.algorithm = found
        self.certificate = self.certify()

    def certify(self, days: int = 3000) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.public.serial.hex())])
        start = datetime(2025, 1, 1, tzinfo=UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
        builder = builder.public_key(self.private.public_key()).serial_number(7)
        builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=days))
        return builder.sign(self.private, hashes.SHA256()).public_bytes(Encoding.DER)

    def sign(self, data: bytes) -> bytes:
        size = self.public.size
        if self.algorithm.scheme == "ecsdsa":
            return self._schnorr(data)
        der = self.private.sign(data, ec.ECDSA(hash_class(self.algorithm.hash)))
        r, s = decode_dss_signature(der)
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    def _schnorr(self, data: bytes) -> bytes:
        """EC-Schnorr after TR-03111: k random, r = H(xQ‖yQ‖M) with Q = kG, cut to the width of n, whose
        octets every order here fills; s = k + r·d mod n."""
        curve, size = ecsdsa.CURVES[self.public.curve], self.public.size
        nonce = ec.generate_private_key(curve_class(self.public.curve)).private_numbers()
        point = nonce.public_numbers
        shared = point.x.to_bytes(size, "big") + point.y.to_bytes(size, "big")
        digest = hashlib.new(self.algorithm.hash.lower().replace("sha3-", "sha3_"), shared + data).digest()
        digest = digest[:size]
        secret = self.private.private_numbers().private_value
        s = (nonce.private_value + int.from_bytes(digest, "big") * secret) % curve.n
        return digest + s.to_bytes(size, "big")

    def message(
        self,
        data: Data,
        counter: int,
        time: int = T0,
        version: int = 2,
        time_format: TimeFormat = "unixTime",
    ) -> bytes:
        signed = to_sign(version, data, self.public.serial, self.algorithm.oid, counter, time, time_format)
        return encode(signed, self.sign(signed))


def start(number: int, client: str = "KASSE-1") -> TransactionData:
    return TransactionData("start", client, b"", "", number)


def finish(number: int, client: str = "KASSE-1") -> TransactionData:
    return TransactionData(
        "finish", client, b"Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar", "Kassenbeleg-V1", number
    )


def update_time() -> SystemData:
    return SystemData("updateTime", b"\x81\x01\x05\x82\x01\x06")


@cache
def shared_signer() -> Signer:
    return Signer()


def archive(messages: list[bytes], *certificates: bytes, info: bool = True, end: bool = True) -> bytes:
    """Put an archive together; certificates come last, to make readers look twice."""
    out = tar.entry("info.csv", b'"description:","x"\n', 1) if info else b""
    out += b"".join(tar.entry(log_name(parse(raw)), raw, 1) for raw in messages)
    for der in certificates:
        library = x509.load_der_x509_certificate(der)
        serial = from_library(library.public_key()).serial.hex()
        out += tar.entry(f"{serial}_X509.cer", der, 1)
    return out + (tar.END if end else b"")


def good_messages(signer: Signer, version: int = 2, time_format: TimeFormat = "unixTime") -> list[bytes]:
    """Two whole transactions and a time update, counters from 1."""
    data: list[Data] = [update_time(), start(1), start(2), finish(2), finish(1)]
    return [
        signer.message(each, counter, T0 + counter * 60_000, version, time_format)
        for counter, each in enumerate(data, 1)
    ]
