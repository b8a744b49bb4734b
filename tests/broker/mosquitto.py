"""A real mosquitto on a free port, started from the configuration that the product renders."""

import os
import socket
import subprocess
import time
from pathlib import Path

from kassd.mqtt.broker import Account, BrokerConfig, render_acl, render_config, render_passwords
from kassd.sim.world_broker import free_port

NODE = "demo.kasse-0007"


class Mosquitto:
    """``accounts`` empty: anonymous."""

    def __init__(self, directory: Path, accounts: tuple[Account, ...] = (), websockets: bool = False) -> None:
        self.port = free_port()
        self.ws_port = free_port() if websockets else 0
        self.config = directory / "mosquitto.conf"
        self.process: subprocess.Popen[bytes] | None = None
        self.log = directory / "mosquitto.log"
        config = BrokerConfig(
            NODE, str(directory), port=self.port, ws_port=self.ws_port, anonymous=not accounts
        )
        # A broker started by root changes to the user "mosquitto", who cannot read a test's directory.
        own_user = "user root\n" if os.geteuid() == 0 else ""
        self.config.write_text(render_config(config) + own_user)
        (directory / "acl").write_text(render_acl(NODE, accounts))
        (directory / "passwords").write_text(render_passwords(accounts))

    @classmethod
    def of(cls, config: Path, port: int) -> "Mosquitto":
        """One that runs with a configuration written by somebody else."""
        it = cls.__new__(cls)
        it.port, it.ws_port, it.config, it.process = port, 0, config, None
        it.log = config.with_name("mosquitto.log")
        if os.geteuid() == 0:
            config.write_text(config.read_text() + "user root\n")
        return it

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(["mosquitto", "-c", self.config], stderr=log, stdout=log)
        for port in filter(None, (self.port, self.ws_port)):
            self._wait_for(port)

    def _wait_for(self, port: int) -> None:
        until = time.monotonic() + 30
        while self.process is not None and self.process.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                return
            except OSError:
                time.sleep(0.005)
        raise RuntimeError(self.log.read_text())

    def kill(self) -> None:
        """kill -9: nothing is said to anybody, and everything is forgotten."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
