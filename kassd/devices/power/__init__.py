"""Where the power comes from: UPower, NUT, the kernel's power supplies; the Pi's own voltage."""

__all__: list[str] = []
