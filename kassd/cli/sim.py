"""``kassd sim``: simulated devices on their real wires, for trying things out without hardware."""

import argparse
import asyncio
import json
import signal
import sys
import threading

EX_USAGE = 64


def execute(arguments: argparse.Namespace) -> int:
    """Run one simulator until interrupted."""
    if arguments.device == "printer":
        from kassd.sim.printer import run_printer_sim

        asyncio.run(
            run_printer_sim(
                arguments.out,
                arguments.profile,
                arguments.columns,
                "127.0.0.1",
                arguments.port,
                arguments.control,
                arguments.link,
            )
        )
    elif arguments.device == "ups":
        from kassd.sim.ups import run_ups_sim

        asyncio.run(run_ups_sim(arguments.name, arguments.port, arguments.control))
    elif arguments.device == "scale":
        from kassd.sim.scale import run_scale_sim

        asyncio.run(run_scale_sim(arguments.link, arguments.control, arguments.secret))
    elif arguments.device == "tse":
        _tse(arguments)
    elif arguments.device == "terminal":
        return _terminal(arguments)
    elif arguments.device == "trade":
        _trade(arguments)
    else:
        from kassd.sim.scanner import run_scanner_sim, typed

        run_scanner_sim(arguments.link, typed(sys.stdin.buffer))
    return 0


def _tse(arguments: argparse.Namespace) -> None:
    """Say how a register finds it, and serve until SIGTERM, SIGHUP or Ctrl+C."""
    from kassd.sim.tse.stand import stand

    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGHUP):  # before libfuse takes what nobody has taken
        signal.signal(number, lambda *_: ended.set())
    folder = arguments.dir.absolute()
    with stand(arguments.kind, folder, arguments.latency / 1000, arguments.port) as running:
        print("[tse]")
        for key, value in running.settings.items():
            print(f"{key} = {json.dumps(value)}")
        print(f"# Störungen: {running.core.faults.folder}/faults.json; Ende mit Strg+C", flush=True)
        ended.wait()


def _terminal(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; 2 if what is ordered makes no sense."""
    from kassd.sim.terminal.behaviour import Behaviour, fault_of
    from kassd.sim.terminal.host import run_terminal_sim

    behaviour = Behaviour()
    try:
        behaviour.change(
            card=arguments.card,
            result=arguments.result,
            limit=arguments.limit,
            tip=arguments.tip,
            delay_s=arguments.delay / 1000,
            model=arguments.model,
            faults=[fault_of(text) for text in arguments.fault],
        )
    except ValueError as error:
        print(f"kassd sim terminal: {error}", file=sys.stderr)
        return EX_USAGE
    asyncio.run(
        run_terminal_sim(
            behaviour,
            folder=arguments.dir,
            link=arguments.link,
            port=arguments.port,
            control=arguments.control,
        )
    )
    return 0


def _trade(arguments: argparse.Namespace) -> None:
    """Make the shops' trade one after another, and print what it contains."""
    from kassd import settings
    from kassd.sim.trade import SHOPS, Coverage, generate, write_setup

    names = list(SHOPS) if arguments.shop == "all" else [arguments.shop]
    coverage = Coverage()
    for name in names:
        shop, folder = SHOPS[name], arguments.out / name
        config = settings.flatten(settings.load(write_setup(shop, folder)))
        made = generate(
            shop, folder, config, arguments.first, arguments.days, arguments.seed, arguments.density,
            arguments.tse_swaps,
        )  # fmt: skip
        coverage.add(made.coverage)
        archives = ", ".join(map(str, made.archives))
        print(f"{name}: {made.receipts} Vorgänge, {made.journal}, {archives}", file=sys.stderr)
    if arguments.json:
        print(json.dumps(coverage.table(), ensure_ascii=False))
    else:
        print(coverage.text())
