"""Where an Epson TSE is and how long its answers may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EpsonConfig:
    """``port``: 8009, with ``tls`` as a rule 8143. ``fingerprint``: SHA-256 of the host's TLS certificate in
    hex (colons allowed); without one the certificate must be signed by an authority the system knows.
    ``host_secret``: the shared secret of the log-in, ``EPSONKEY`` unless another one was registered. Times in
    seconds; ``self_test_s`` also counts for the set-up."""

    host: str
    port: int = 8009
    tls: bool = False
    device_id: str = "local_TSE"
    fingerprint: str = ""
    host_secret: str = "EPSONKEY"
    connect_s: float = 5.0
    answer_s: float = 60.0
    self_test_s: float = 120.0
