"""Opening a serial port for the event loop: exclusive, non-blocking, errors with a real errno."""

import contextlib
import errno
import os
import termios
from typing import Protocol


class Port(Protocol):
    """The part of ``serial.Serial`` that is used: a file descriptor and its end."""

    def fileno(self) -> int: ...
    def close(self) -> None: ...
    def reset_output_buffer(self) -> None: ...


def open_port(
    path: str, baud: int, flow: str = "none", stop_bits: int = 1, *, bits: int = 8, parity: str = "N"
) -> Port:
    """Open ``path`` 8N1 (or as told) for this process alone; ``flow`` is none, xonxoff or rtscts.

    Input that piled up before is discarded. Raises OSError with ENOENT, EACCES, EAGAIN (in use) and so on.
    """
    import serial  # 20 ms that a till without serial devices does not pay

    try:
        port: Port = serial.Serial(
            path,
            baud,
            timeout=0,
            write_timeout=0,
            exclusive=True,
            stopbits=stop_bits,
            bytesize=bits,
            parity=parity,
            xonxoff=flow == "xonxoff",
            rtscts=flow == "rtscts",
        )
    except serial.SerialException as error:
        raise OSError(error.errno or errno.EIO, str(error), path) from error
    os.set_blocking(port.fileno(), False)
    return port


def close_port(port: Port) -> None:
    """Close without waiting for output that a stuck device will never take."""
    with contextlib.suppress(OSError, termios.error):  # gone, and its output with it
        port.reset_output_buffer()
    port.close()
