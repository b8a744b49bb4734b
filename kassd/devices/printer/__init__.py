"""Receipt printers: four transports, one driver, the bits of ESC/POS that tell how the printer fares."""

__all__: list[str] = []
