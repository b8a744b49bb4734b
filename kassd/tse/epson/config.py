"""Where an Epson TSE is and how long its answers may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EpsonConfig:
    """``port`` 0: the vendor's, 8009 or with ``tls`` 8143. ``fingerprint``: SHA-256 of the host's TLS
    certificate in hex (colons allowed); without one the certificate must be signed by an authority the system
    knows. ``host_secret``: the shared secret of the log-in, ``EPSONKEY`` unless another one was registered.
    Times in seconds; ``self_test_s`` also counts for the set-up and for deleting."""

    host: str
    port: int = 0
    tls: bool = False
    device_id: str = "local_TSE"
    fingerprint: str = ""
    host_secret: str = "EPSONKEY"
    connect_s: float = 5.0
    answer_s: float = 60.0
    self_test_s: float = 120.0

    @property
    def tcp_port(self) -> int:
        """The port to connect to."""
        return self.port or (8143 if self.tls else 8009)
