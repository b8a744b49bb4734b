"""A drawer with a sensor: confirmed, jammed, left open, opened by hand, and what a restart makes of it."""

from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.drawers.watching import REST_S
from kassd.core.status import DeviceStatus, Known
from kassd.devices.config import PULSE_MAX_MS
from kassd.devices.drawer.duty import Duty
from tests.core.playbook import CONFIG, Playbook, add, cash, command

SENSOR = CONFIG | {"drawer.drawer.sensor": True, "drawer.drawer.left_open_s": 60}


def seen(open_: Known) -> i.DeviceChanged:
    return i.DeviceChanged(DeviceStatus("drawer", "ready", conditions={"open": open_}))


def shop(**config: Any) -> Playbook:
    book = Playbook()
    book.config = SENSOR | config
    return book.ready() >> seen("no")


def kick(book: Playbook) -> Playbook:
    book >> command("drawer.open", reason="Wechseln") << "drawer.asked +drawer"
    return book >> i.Kicked(book.wishes("drawer")[-1].id, "kicked") << "drawer.done"


def told(book: Playbook) -> list[tuple[str, str]]:
    """Kind and why of what the sensor led to."""
    kinds = (f.DrawerOpened, f.DrawerShut, f.DrawerJammed, f.DrawerLeftOpen)
    found = (f.from_json(fact) for line in book.lines for fact in line["facts"])
    return [(fact.kind.removeprefix("drawer."), getattr(fact, "why", "")) for fact in found
            if isinstance(fact, kinds)]  # fmt: skip


def wakes(book: Playbook) -> float | None:
    """Seconds until the register wants to be woken."""
    return None if book.last.wake is None else round((book.last.wake - book.mono) / 1e9, 1)


def quiet(book: Playbook) -> bool:
    """Nothing is waited for but the end of the business day."""
    return (wakes(book) or 10_000) > 1000


def test_a_kick_that_opens_it_is_confirmed() -> None:
    book = kick(shop()).wait(0.2) >> seen("yes") << "drawer.opened"
    book.wait(5) >> seen("no") << "drawer.shut"
    assert told(book) == [("opened", "command"), ("shut", "")]
    opened, shut = book.facts(f.DrawerOpened)[0], book.facts(f.DrawerShut)[0]
    assert (opened.drawer, opened.station, shut.opened_at) == ("drawer", "main", opened.at)
    book.wait(600).tick() << ""


def test_a_sale_is_why() -> None:
    book = shop()
    book >> add() >> cash()
    book.paper() >> seen("yes") << "drawer.opened"
    assert book.facts(f.DrawerOpened)[-1].why == "sale"


def test_a_sensor_may_be_faster_than_the_answer_to_the_kick() -> None:
    book = shop() >> command("drawer.open", reason="Wechseln")
    book >> seen("yes") << "drawer.opened"
    book >> i.Kicked(book.wishes("drawer")[-1].id, "kicked") << "drawer.done"
    assert told(book) == [("opened", "command")]
    book.wait(30).tick() << ""


@pytest.mark.parametrize(
    ("config", "seconds"),
    [({}, 4), ({"drawer.drawer.driver": "gpio"}, 1), ({"drawer.drawer.open_within_ms": 2500}, 2.5)],
)
def test_what_stays_shut_is_jammed_once_and_not_kicked_again(config: dict[str, Any], seconds: float) -> None:
    book = kick(shop(**config))
    assert wakes(book) == seconds
    book.wait(seconds - 0.01).tick() << ""
    book.wait(0.01).tick() << "drawer.jammed"
    assert "von Hand öffnen" in book.state.station("main").message
    assert len(book.wishes("drawer")) == 1
    book.wait(60).tick() << ""
    book >> seen("yes") << "drawer.opened"  # with the key
    assert told(book) == [("jammed", "command"), ("opened", "command")]
    assert not book.state.drawers["drawer"].jammed


def test_what_stands_open_is_told_once_until_it_is_shut() -> None:
    book = kick(shop()) >> seen("yes")
    assert wakes(book) == 60
    book.wait(60).tick() << "drawer.left_open"
    assert "steht noch offen" in book.state.station("main").message
    book.wait(600).tick() << ""
    book >> seen("yes") << ""
    book >> seen("no") << "drawer.shut"
    assert not book.state.drawers["drawer"].left_open
    kick(book) >> seen("yes")
    assert wakes(book) == 60


def test_nobody_is_woken_where_it_may_stand_open() -> None:
    book = kick(shop(**{"drawer.drawer.left_open_s": 0})) >> seen("yes") << "drawer.opened"
    assert quiet(book)


def test_opened_without_the_register() -> None:
    book = shop() >> seen("yes") << "drawer.opened"
    assert told(book) == [("opened", "hand")]
    assert book.state.till.totals.counts["drawer_by_hand"] == 1
    assert book.state.drawers["drawer"].by_hand
    book >> seen("no") >> command("till.close", count={})
    book.done()
    assert not book.state.drawers["drawer"].by_hand, "the Z-Bericht has it now"


def test_an_open_drawer_is_not_awaited() -> None:
    book = kick(shop() >> seen("yes"))
    assert wakes(book) == 60
    book >> seen("no") << "drawer.shut"
    assert quiet(book)


def test_a_kick_that_was_not_given_says_nothing_of_an_open_drawer() -> None:
    book = shop() >> seen("yes") >> command("drawer.open", reason="Wechseln")
    book >> i.Kicked(book.wishes("drawer")[-1].id, "refused", "duty") << "drawer.done"
    assert book.state.station("main").message == ""


@pytest.mark.parametrize("sensor", [True, False])
def test_a_kick_that_came_too_soon_is_no_jam(sensor: bool) -> None:
    book = kick(shop(**{"drawer.drawer.sensor": sensor}))
    if sensor:
        book >> seen("yes") >> seen("no")
    book >> command("drawer.open", reason="Wechseln")
    book >> i.Kicked(book.wishes("drawer")[-1].id, "refused", "duty") << "drawer.done"
    message = book.state.station("main").message
    assert "3 Sekunden warten und noch einmal öffnen" in message
    assert "von Hand" not in message
    book.wait(60).tick() << ""
    assert "jammed" not in dict(told(book))
    kick(book)


def test_after_the_time_that_is_told_every_pulse_is_given() -> None:
    now = 0
    duty = Duty(lambda: now)
    duty.pulse(PULSE_MAX_MS, PULSE_MAX_MS)
    assert duty.resting
    now = REST_S * 1_000_000_000
    assert not duty.resting


def test_without_a_sensor_that_can_be_read_nothing_is_concluded() -> None:
    book = shop() >> seen("unknown")
    kick(book)
    assert quiet(book)
    book >> seen("yes") << "drawer.opened"
    assert told(book) == [("opened", "unseen")]
    book >> seen("no")
    kick(book) >> seen("unknown")
    assert quiet(book)
    book.wait(60) >> seen("no") << ""
    assert told(book)[1:] == [("shut", "")]


def test_a_drawer_without_a_sensor_tells_nothing() -> None:
    book = shop(**{"drawer.drawer.sensor": False}) >> seen("yes") << ""
    kick(book) >> seen("no") << ""
    assert quiet(book)
    assert told(book) == []


def test_a_restart_forgets_no_open_drawer() -> None:
    book = kick(shop()) >> seen("yes")
    book.restart()
    assert book.state.drawers["drawer"].opened_at
    book >> seen("yes") << ""
    assert wakes(book) == 60
    book.wait(60).tick() << "drawer.left_open"
    book.restart() >> seen("yes") << ""
    assert quiet(book), "told already"
    book >> seen("no") << "drawer.shut"


def test_found_open_at_the_start() -> None:
    book = shop().restart() >> seen("yes") << "drawer.opened"
    assert told(book) == [("opened", "unseen")]
    assert "drawer_by_hand" not in book.state.till.totals.counts
