"""The fold of handing out receipts."""

from dataclasses import replace

from kassd.core.corrections.fold import remembered
from kassd.core.corrections.state import Correction
from kassd.core.fold import on, with_sale, with_station
from kassd.core.inputs import Stamp
from kassd.core.receipts.facts import HospitalitySet, ReceiptHandedOut, ReceiptWithheld
from kassd.core.state import SALE_TABLE, State
from kassd.core.totals import counted


@on(ReceiptWithheld)
def _withheld(state: State, fact: ReceiptWithheld, stamp: Stamp) -> State:
    state = with_station(state, fact.station, withheld=fact.receipt)
    return replace(state, till=replace(state.till, totals=counted(state.till.totals, "withheld", 0)))


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
