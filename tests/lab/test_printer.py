"""The simulated printer on USB as a guest's process: what it costs those whose processor it shares."""

from tests.lab.guest import SOCKETS, Guest
from tests.lab.inside import printer

WATCHED_S = 1.0
MOST = 0.1  # of the processor


async def test_one_that_is_pulled_out_leaves_the_processor_to_the_others(shop: Guest) -> None:
    """Its node has nothing for it then, and is ready all the same."""
    await shop.unplug("printer")
    await shop.shown("state/dev/printer", lambda d: d["state"] == "absent")
    assert await shop.call(printer.busy, within_s=WATCHED_S) < MOST * WATCHED_S
    await shop.replug("printer", SOCKETS["printer"])
    await shop.ready("printer")
