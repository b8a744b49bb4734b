"""transactions_tse: what the TSE returned, what it returned too late, or why it returned nothing."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kassd.fiscal.layout import layouts
from kassd.fiscal.rows.bon import Json
from kassd.fiscal.rows.receipt import ReceiptRows, Row
from kassd.journal.stream import raw_lines

PROCESS_DATA = next(
    column.size
    for column in layouts()[-1].table("transactions_tse").columns
    if column.name == "TSE_VORGANGSDATEN"
)
UNREAD_START = (
    "Die Antwort der TSE auf den Start wurde nicht gelesen; die Startzeit steht in ihrem Protokoll."
)
LATE = "Die TSE hat nach Ausgabe des Belegs signiert."


class Late:
    """Answers of the TSE that came after a slip was issued as outage (``tse.late``), in its period or after
    it.

    Those of the period are told by :meth:`known`; later ones are looked for in the journal's rest, once.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._found: dict[str, dict[str, Json]] = {}
        self._read = 0
        self._ended = False  # there is nothing more to read

    def known(self, answers: Mapping[str, dict[str, Json]], seq: int) -> None:
        """Take in what was folded up to line ``seq``."""
        for sale, parts in answers.items():
            self._found.setdefault(sale, {}).update(parts)
        self._read = max(self._read, seq + 1)

    def of(self, receipt: ReceiptRows) -> dict[str, Json]:
        """``start`` and ``finish`` of a receipt, as far as the journal has them."""
        if not (self._ended or self._is_settled(receipt)):
            self._search(receipt)
        return self._found.get(receipt.sale, {})

    def _is_settled(self, receipt: ReceiptRows) -> bool:
        """Whether nothing more can come: it is finished, the TSE does not have it, or it was never begun. A
        finish that was refused is asked for again by the next process."""
        found = self._found.get(receipt.sale, {})
        dropped = found.get("dropped")
        begun = receipt.started is not None or "start" in found
        return "finish" in found or (dropped is not None and (not dropped["wish"] or not begun))

    def _search(self, receipt: ReceiptRows) -> None:
        for raw in raw_lines(self._directory, self._read):
            self._read += 1
            if b'"kind":"tse.late"' in raw or b'"kind":"tse.dropped"' in raw:
                for fact in json.loads(raw)["facts"]:
                    data = fact["data"]
                    if fact["kind"] == "tse.late":
                        self._found.setdefault(data["sale"], {})[data["operation"]] = data
                    elif fact["kind"] == "tse.dropped":
                        self._found.setdefault(data["sale"], {})["dropped"] = data
                if self._is_settled(receipt):
                    return
        self._ended = True


def tse_row(
    receipt: ReceiptRows, tse_ids: Mapping[str, int], late: dict[str, Json] | None, outage: str
) -> Row:
    """The receipt's row. Signed: the values, unaltered. Signed late: the values and the outage. Not signed:
    the outage alone, with the number of a transaction that was begun."""
    seal = receipt.seal
    if seal is not None:
        row = _signed(receipt, seal, seal["start"])
        row["TSE_ID"] = _tse_id(tse_ids, seal["serial_number"])
        if not seal["start"]:
            row["TSE_TA_FEHLER"] = UNREAD_START
        return row
    finish = (late or {}).get("finish")
    start = (late or {}).get("start")
    number, time = receipt.started or (start and (start["transaction_number"], start["log_time"])) or (0, "")
    if finish is None:
        begun = f" Begonnen war Transaktion {number} ({time})." if number else ""
        return {"TSE_ID": max(tse_ids.values()), "TSE_TA_FEHLER": f"{outage}{begun}"}
    values = {**finish, "finish": finish["log_time"]}
    row = _signed(receipt, values, time)
    row["TSE_ID"] = _tse_id(tse_ids, finish["serial_number"])
    row["TSE_TA_FEHLER"] = f"{outage} {LATE}"
    return row


def _tse_id(tse_ids: Mapping[str, int], serial: str) -> int:
    return tse_ids.get(serial) or max(tse_ids.values())


def _signed(receipt: ReceiptRows, values: Mapping[str, Any], start: str) -> Row:
    row: Row = {
        "TSE_TANR": values["transaction_number"],
        "TSE_TA_ENDE": values["finish"],
        "TSE_TA_VORGANGSART": receipt.process_type,
        "TSE_TA_SIGZ": values["signature_counter"],
        "TSE_TA_SIG": values["signature"],
    }
    if start:
        row["TSE_TA_START"] = start
    data = receipt.process_data
    if (
        len(data) <= PROCESS_DATA and data == data.strip()
    ):  # optional: what does not fit follows from the lines
        row["TSE_VORGANGSDATEN"] = data
    return row
