"""Where a Diebold Nixdorf TSE is found, and how long its wire may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DieboldConfig:
    """``port``: serial device of the USB TSE; ``host``, ``tcp_port``: Connect Box; ``service``: address of
    the vendor's web service (``ws://…``). ``slot`` 1–10. ``…_s``: how long an answer may take: of a common
    command, of GetMfcStatus after a silence, of a self test, of what is collected in a buffer first."""

    port: str = ""
    host: str = ""
    tcp_port: int = 0
    service: str = ""
    slot: int = 1
    admin_user: str = "1"
    time_admin_user: str = "2"
    answer_s: float = 2.0
    status_s: float = 1.0
    self_test_s: float = 120.0
    buffer_s: float = 10.0
