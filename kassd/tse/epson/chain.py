"""The certificate chain of an Epson TSE, as GetLogMessageCertificate gives it: PEM or DER, one or more."""

import re
from collections.abc import Iterator

from kassd.tse.epson.codec import BadAnswer
from kassd.tse.log import der
from kassd.tse.log.certificates import CertificateError, load
from kassd.tse.log.der import DerError
from kassd.tse.log.names import certificate_name
from kassd.tse.log.tar import END, entry

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def read_chain(raw: bytes, serial: bytes) -> tuple[bytes, ...]:
    """The certificates in DER, that of the key ``serial`` first; raises :class:`BadAnswer`."""
    try:
        found = [load(piece) for piece in _pieces(raw)]
    except (CertificateError, DerError) as error:
        raise BadAnswer(f"Zertifikat: {error}") from error
    if serial not in [certificate.serial for certificate in found]:
        raise BadAnswer("das Zertifikat der TSE fehlt")
    return tuple(each.der for each in sorted(found, key=lambda each: each.serial != serial))


def _pieces(raw: bytes) -> Iterator[bytes]:
    if pem := _PEM.findall(raw):
        yield from pem
        return
    position = 0
    while position < len(raw):
        end = der.read(raw, position, len(raw)).end
        yield raw[position:end]
        position = end


def archive(chain: tuple[bytes, ...]) -> bytes:
    """The chain as a complete TAR archive."""
    return b"".join(entry(certificate_name(load(each).serial.hex()), each, 0) for each in chain) + END
