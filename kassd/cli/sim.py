"""``kassd sim``: simulated devices on their real wires, for trying things out without hardware."""

import argparse
import asyncio
import sys


def execute(arguments: argparse.Namespace) -> int:
    """Run one simulator until interrupted."""
    if arguments.kind == "printer":
        from kassd.sim.printer import run_printer_sim

        asyncio.run(
            run_printer_sim(
                arguments.out,
                arguments.profile,
                arguments.columns,
                "127.0.0.1",
                arguments.port,
                arguments.control,
            )
        )
    else:
        from kassd.sim.scanner import run_scanner_sim

        run_scanner_sim(arguments.link, (line.strip() for line in sys.stdin))
    return 0
