"""Section of the configuration about the security device."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from kassd.settings_base import Section


class TseSection(Section):
    """``[tse]``: the security device. May be absent in production until one is commissioned."""

    driver: Literal["soft", "cryptovision", "swissbit", "diebold", "epson"] = Field(
        description="family of the TSE; soft: development only, never in production"
    )
    path: Path | None = Field(
        None, description="soft: directory; cryptovision, swissbit: where the stick's volume is mounted"
    )
    port: str = Field("", description="diebold: serial port, e.g. /dev/serial/by-id/…")
    host: str = Field("", description="diebold (Connect Box), epson: address")
    tcp_port: int = Field(0, ge=0, le=65535, description="diebold, epson: TCP port (epson: default 8009)")
    service: str = Field("", description="diebold: address of the web service, e.g. ws://127.0.0.1:10001/")
    device_id: str = Field("local_TSE", description="epson: name of the device behind the address")
    fingerprint: str = Field(
        "", pattern=r"^([0-9a-f]{64})?$", description="epson: SHA-256 of the printer's TLS certificate"
    )
    worm_library: Path | None = Field(None, description="swissbit: the vendor's libWormAPI.so, if installed")
    secrets: Path = Field(
        Path("/var/lib/kassd/tse-secrets"), description="PINs and PUKs, written by kassd tse setup, mode 0600"
    )
    latency_ms: int = Field(250, ge=0, le=60_000, description="soft: answer time")
    curve: Literal["brainpoolP384r1", "brainpoolP256r1", "secp256r1", "secp384r1"] = Field(
        "brainpoolP384r1", description="soft: curve of the key"
    )

    @model_validator(mode="after")
    def _is_reachable(self) -> "TseSection":
        ways = {
            "diebold": (self.port or self.host or self.service, "port, host oder service"),
            "epson": (self.host, "host"),
        }
        given, names = ways.get(self.driver, (self.path, "path"))
        if not given:
            raise ValueError(f"{names} fehlt: wo ist die TSE zu finden?")
        return self
