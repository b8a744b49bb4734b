"""TSE log messages, archives and receipt QR codes: pure reading, writing and verification.

Import from the modules; :mod:`verify` and :mod:`qr` hold the two checks other rooms use.
"""

from kassd.tse.log.qr import verify_qr
from kassd.tse.log.verify import verify_tar

__all__ = ["verify_qr", "verify_tar"]
