"""Simulators that speak the real wire: printer on TCP, scanner on a pty; and a whole world of them.

Import from the modules: :mod:`printer <kassd.sim.printer>`, :mod:`scanner <kassd.sim.scanner>`, and
:mod:`world <kassd.sim.world>`, the stage on which the demo, the scenario tests, the crash tests and the
measurements play: broker, simulators, and the register as a process of its own.
"""

__all__: list[str] = []
