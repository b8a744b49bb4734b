"""Every table can be asked, has a day, explains its columns; what is written is found there."""

from collections.abc import Iterator

import pytest

from kassd.core import facts as f
from kassd.fiscal.query import VIEWS, Condition, Query, Records, ask
from tests.fiscal.query import kit


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with kit.opened(kit.written(tmp_path_factory.mktemp("views"), kit.a_day())) as records:
        yield records


@pytest.mark.parametrize("name", VIEWS)
def test_a_table_can_be_asked_and_explains_itself(records: Records, name: str) -> None:
    view = VIEWS[name]
    rows = list(ask(records, Query(name)).rows)
    assert view.columns[0].name == "datum"
    assert all(column.means for column in view.columns)
    assert len({column.name for column in view.columns}) == len(view.columns)
    assert set(view.brief) <= {column.name for column in view.columns}
    for row in rows:
        for column, value in zip(view.columns, row, strict=True):
            if column.kind in ("euro", "quantity", "number", "flag"):
                assert value is None or isinstance(value, int), column
            elif column.kind == "day":
                assert isinstance(value, str)
                assert value.startswith("2026-"), column
    if name not in ("verweise", "exporte"):
        assert rows, "the day has at least one"


def told(records: Records, art: str, *columns: str) -> list[tuple[object, ...]]:
    where = (Condition.parse(f"art = {art}"),)
    return list(ask(records, Query("ereignisse", columns=columns, where=where)).rows)


def test_events_say_who_and_why(records: Records) -> None:
    drawer = told(records, "drawer.asked", "ereignis", "bediener_id", "grund")
    assert drawer == [("Lade ohne Verkauf geöffnet", "anzeige", "Wechseln")]
    assert len(told(records, "sale.line_voided", "zeile")) == 1
    assert [row[0] for row in told(records, "sale.abort_asked", "grund")] == ["operator"]
    assert told(records, "sale.finished", "zeile") == []


def test_a_kind_that_this_version_does_not_know_is_an_event(tmp_path: kit.Path) -> None:
    book = kit.a_day()
    book.lines[-1]["facts"].append({"kind": "moon.risen", "data": {"at": "2026-11-21T20:00:00+01:00"}})
    with kit.opened(kit.written(tmp_path, book)) as records:
        assert told(records, "moon.risen", "ereignis", "datum") == [("moon.risen", "2026-11-21")]


def test_a_change_of_a_price_has_old_and_new(records: Records) -> None:
    where = (Condition.parse("schluessel ~ .b"),)
    rows = list(ask(records, Query("stammdaten", columns=("schluessel", "neu", "wer"), where=where)).rows)
    assert any("400" in str(new) and who == "anzeige" for _, new, who in rows), rows


def test_an_outage_has_its_receipts(records: Records) -> None:
    columns = ("ausfall", "ende", "ohne_signatur", "summe")
    ((outage, ended, unsigned, total),) = ask(records, Query("ausfaelle", columns=columns)).rows
    where = (Condition.parse(f"ausfall = {outage}"),)
    query = Query("belege", columns=("bon_id", "summe", "tse_zaehler"), where=where)
    receipts = list(ask(records, query).rows)
    assert ended
    assert (len(receipts), sum(int(row[1] or 0) for row in receipts)) == (unsigned, total)
    assert [row[2] for row in receipts] == [None] * len(receipts)


def test_what_the_tse_has_signed_after_all_is_counted_with_its_outage(tmp_path: kit.Path) -> None:
    book = kit.a_day()
    facts = [fact for line in book.lines for fact in line["facts"] if fact["kind"] == "sale.finished"]
    (sale,) = [fact["data"]["sale"] for fact in facts if fact["data"]["outage"]]
    signed = next(fact["data"]["sale"] for fact in facts if not fact["data"]["outage"])
    for told_of, operation in ((sale, "start"), (sale, "finish"), (sale, "finish"), (signed, "finish")):
        late = f.TseLate(told_of, "", operation, 9, 20, "2026-11-21T20:00:00.000Z", "ab" * 32, "c2ln")
        book.lines[-1]["facts"].append(f.to_json(late))
    with kit.opened(kit.written(tmp_path, book)) as records:
        rows = list(ask(records, Query("ausfaelle", columns=("ohne_signatur", "nachsigniert"))).rows)
    assert [tuple(row) for row in rows] == [(1, 1)]
