"""The fold of handing out receipts."""

from kassd.core.corrections.fold import remembered
from kassd.core.corrections.state import Correction
from kassd.core.fold import on, with_sale, with_station, without_wish
from kassd.core.inputs import Stamp
from kassd.core.receipts.facts import (
    HandOverSet,
    HospitalitySet,
    OfferAsked,
    OfferEnded,
    OfferShown,
    ReceiptFetched,
    ReceiptHandedOut,
    ReceiptOffered,
    ReceiptUnprinted,
    ReceiptWithheld,
)
from kassd.core.receipts.state import OFFER_TABLE, Offer
from kassd.core.state import SALE_TABLE, State
from kassd.core.totals import counted
from kassd.deferred import replace

MAX_OFFERS = 128  # not fetched; the links of those before them are over


@on(ReceiptWithheld)
def _withheld(state: State, fact: ReceiptWithheld, stamp: Stamp) -> State:
    state = with_station(state, fact.station, withheld=fact.receipt)
    return replace(state, till=replace(state.till, totals=counted(state.till.totals, "withheld", 0)))


@on(ReceiptUnprinted)
def _unprinted(state: State, fact: ReceiptUnprinted, stamp: Stamp) -> State:
    here = state.station(fact.station).document
    if here is None or here.id != fact.document:  # an older one: the journal knows it
        return state
    return with_station(state, fact.station, withheld=fact.receipt)


@on(ReceiptHandedOut)
def _handed_out(state: State, fact: ReceiptHandedOut, stamp: Stamp) -> State:
    for name, station in state.stations.items():
        if station.withheld == fact.receipt:
            state = with_station(state, name, withheld="")
    state = replace(state, till=replace(state.till, totals=counted(state.till.totals, "handed_out", 0)))
    return remembered(state, Correction(fact.receipt, "handed_out", stamp.seq))


@on(HospitalitySet)
def _hospitality(state: State, fact: HospitalitySet, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    status = SALE_TABLE[sale.status, fact.kind]
    return with_sale(state, sale, status=status, touched=stamp.mono, hospitality=fact.on)


@on(HandOverSet)
def _hand_over(state: State, fact: HandOverSet, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    status = SALE_TABLE[sale.status, fact.kind]
    return with_sale(state, sale, status=status, touched=stamp.mono, hand_over=fact.by, consent=fact.consent)


@on(OfferAsked)
def _asked(state: State, fact: OfferAsked, stamp: Stamp) -> State:
    """Its wish has put it there (:func:`kassd.core.evolve.with_wishes`)."""
    new = replace(state.offers[fact.document], station=fact.station, why=fact.why, touched=stamp.mono)
    seen = (k for k, one in state.offers.items() if one.status == "fetched" and one.station == fact.station)
    for key in tuple(seen):
        state = _without(state, key)
    for key in tuple(state.offers)[:-MAX_OFFERS]:
        state = _without(state, key)
    return replace(state, offers={**state.offers, fact.document: new})


@on(ReceiptOffered)
def _offered(state: State, fact: ReceiptOffered, stamp: Stamp) -> State:
    one = state.offers[fact.document]
    OFFER_TABLE[one.status, fact.kind]
    state = without_wish(state, one.wish)
    one = replace(one, status="offered", touched=stamp.mono, expires_at=fact.expires_at)
    return replace(state, offers={**state.offers, fact.document: one})


@on(OfferShown)
def _shown(state: State, fact: OfferShown, stamp: Stamp) -> State:
    one = state.offers[fact.document]
    one = replace(one, content=fact.content, edge=fact.edge, bits=fact.bits)
    return replace(state, offers={**state.offers, fact.document: one})


@on(ReceiptFetched)
def _fetched(state: State, fact: ReceiptFetched, stamp: Stamp) -> State:
    one = state.offers[fact.document]
    OFFER_TABLE[one.status, fact.kind]
    one = Offer(one.wish, one.document, one.by, "fetched", one.station, one.why)
    return replace(state, offers={**state.offers, fact.document: one})


@on(OfferEnded)
def _ended(state: State, fact: OfferEnded, stamp: Stamp) -> State:
    return _without(state, fact.document)


def _without(state: State, document: str) -> State:
    one = state.offers.get(document)
    if one is None:  # it could not even be begun
        return state
    state = without_wish(state, one.wish)
    return replace(state, offers={key: x for key, x in state.offers.items() if key != document})
