"""What a closing carries over, and how a boot takes it up again (DESIGN §3: state is bounded)."""

from collections.abc import Mapping
from typing import Any

from kassd.core.cards.state import unshown
from kassd.core.catalog import Article, Catalog
from kassd.core.codec import Json, decode, encode
from kassd.core.decision import Decision
from kassd.core.drawers.fold import forgotten
from kassd.core.evolve import evolve
from kassd.core.facts import Wish, from_json
from kassd.core.inputs import Stamp
from kassd.core.power.fold import forgotten as without_battery
from kassd.core.state import State
from kassd.core.transfers.state import undrawn
from kassd.deferred import replace


def durable(state: State) -> State:
    """The state without what a power cut may forget."""
    outage = state.tse.outage and replace(state.tse.outage, probe_at=0, pause_s=0)
    tse = replace(state.tse, ready=False, surveyed=False, heard=0, outage=outage)
    stations = {
        name: replace(s, message="", misreads=0, used=0, next_quantity=None)
        for name, s in state.stations.items()
    }
    till = replace(state.till, day_ends=0, remind_at=0)
    offers = {key: replace(one, content="", edge=0, bits="") for key, one in state.offers.items()}
    drawers, power = forgotten(state.drawers), without_battery(state.power)
    kept = replace(state, devices={}, drawers=drawers, power=power, cards=unshown(state.cards))
    kept = replace(kept, sales=undrawn(state.sales))
    return replace(kept, tse=tse, stations=stations, till=till, offers=offers)


def carried_state(state: State) -> dict[str, Any]:
    """JSON values to be stored beside a closing line: the state, and the catalogue by itself (an unchanged
    catalogue is the same blob again)."""
    kept = durable(state)
    return {
        "state": encode(replace(kept, catalog=Catalog())),
        "catalog": [encode(article) for article in state.catalog.articles.values()],
    }


def restored(state: Json, catalog: Json) -> State:
    """The state of :func:`carried_state`."""
    found: State = decode(State, state, lenient=True)
    articles = [decode(Article, item, lenient=True) for item in catalog]
    return replace(found, catalog=Catalog.of({article.id: article for article in articles}))


def fold_line(
    state: State, stamp: Stamp, facts: list[Mapping[str, Any]], wishes: list[Mapping[str, Any]]
) -> State:
    """Fold one journal line, as it was read."""
    decision = Decision(
        stamp,
        facts=tuple(from_json(fact) for fact in facts),
        wishes=tuple(Wish.from_json(wish) for wish in wishes),
    )
    return evolve(state, decision)
