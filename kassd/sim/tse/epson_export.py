"""Export sessions of a simulated Epson TSE: begun by a filter, read in pieces, finalized or cancelled."""

import base64
from collections.abc import Iterator
from pathlib import Path

from kassd.errors import TseRefused
from kassd.sim.tse.epson_users import Export, UserFunctions
from kassd.sim.tse.epson_values import VENDOR, Failed, Input, moment, number, text
from kassd.tse.log.tar import END
from kassd.tse.port import ExportFilter
from kassd.tse.soft import archive
from kassd.tse.soft.device import Device

CHUNK = 32_768


class ExportFunctions(UserFunctions):
    """One session at a time. ``whole_base64``: export data is one base64 text cut anywhere instead of pieces
    that are complete; ``tar_end``: the archive has its two zero blocks; ``retries``: how often GetExportData
    has nothing yet. ``strict``: who reads must be the Administrator, and the clock be set, as names among the
    vendor's results say. Else the log is for everyone, as the TSE inside has it; only deleting is his."""

    def __init__(
        self, folder: Path, *, whole_base64: bool = False, tar_end: bool = True, strict: bool = False
    ) -> None:
        super().__init__(folder)
        self.whole_base64 = whole_base64
        self.tar_end = tar_end
        self.strict = strict
        self.retries = 0

    def get_certificate(self, device: Device, _given: Input) -> Input:
        pem = "".join(
            "-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der).decode() + "-----END CERTIFICATE-----\n"
            for der in device.signer.identity.chain
        )
        return {"logMessageCertificate": base64.b64encode(pem.encode()).decode()}

    def archive_export(self, device: Device, given: Input) -> Input:
        return self._export(device, ExportFilter(client_id=text(given, "clientId") or None))

    def export_number(self, device: Device, given: Input) -> Input:
        wanted = number(given, "transactionNumber")
        who = text(given, "clientId") or None
        return self._export(device, ExportFilter(client_id=who, transaction_number=wanted))

    def export_interval(self, device: Device, given: Input) -> Input:
        first, last = number(given, "startTransactionNumber"), number(given, "endTransactionNumber")
        if first > last:
            raise Failed("OTHER_ERROR_PARAMETER_MISMATCH")
        who = text(given, "clientId") or None
        return self._export(
            device, ExportFilter(client_id=who, first_transaction=first, last_transaction=last)
        )

    def export_period(self, device: Device, given: Input) -> Input:
        start, end = moment(given, "startDate"), moment(given, "endDate")
        if start > end:
            raise Failed("OTHER_ERROR_PARAMETER_MISMATCH")
        who = text(given, "clientId") or None
        return self._export(device, ExportFilter(client_id=who, start_time=start, end_time=end))

    def _export(self, device: Device, chosen: ExportFilter) -> Input:
        signer = device.signer
        if self.strict and not signer.state.disabled and not signer.expired:
            self._admin(device)
            if not signer.time_valid:
                raise Failed("OTHER_ERROR_NO_TIME_SET_BEFORE_EXPORT")
        try:
            entries = archive.select(signer, chosen)
        except TseRefused as error:
            self.volatile.export = Export(iter(()), 0, empty=VENDOR[error.code])
            return {"tarExportSize": 0}

        def members() -> Iterator[bytes]:
            yield archive.head(signer)
            yield from archive.log_members(signer, entries)
            if self.tar_end:
                yield END

        size = sum(map(len, members()))
        full = archive.is_full(chosen) and entries
        pieces: Iterator[bytes] = members()
        if self.whole_base64:
            pieces = iter([base64.b64encode(b"".join(pieces))])
        self.volatile.export = Export(pieces, entries[-1].counter if full else 0)
        return {"tarExportSize": size}

    def get_export_data(self, device: Device, _given: Input) -> Input:
        export = self._exporting(device)
        if export.empty:
            raise Failed(export.empty)
        if export.complete:
            raise Failed("OTHER_ERROR_ALREADY_ALL_DATA_EXPORTED")
        if self.retries > 0:
            self.retries -= 1
            raise Failed("TSE1_ERROR_EXPORT_RETRY")
        while len(export.rest) <= CHUNK and (piece := next(export.pieces, None)) is not None:
            export.rest += piece
        data, export.rest = export.rest[:CHUNK], export.rest[CHUNK:]
        export.complete = not export.rest
        status = "EXPORT_COMPLETE" if export.complete else "EXPORT_INCOMPLETE"
        shown = data if self.whole_base64 else base64.b64encode(data)
        return {"exportData": shown.decode(), "exportStatus": status}

    def finalize_export(self, device: Device, given: Input) -> None:
        export = self._exporting(device)
        if not export.complete:
            raise Failed("OTHER_ERROR_ALL_DATA_NOT_EXPORTED_YET")
        if given.get("deleteData") is True:
            self._admin(device)
            if not export.upto:
                raise Failed("TSE1_ERROR_EXPORT_UNACKNOWLEDGED_DATA")
            device.mark_exported(export.upto)
            device.delete_exported()
        self.volatile.export = None

    def cancel_export(self, _device: Device, _given: Input) -> None:
        if self.volatile.export is None:
            raise Failed("OTHER_ERROR_NO_EXPORT_STARTED")
        self.volatile.export = None

    def _exporting(self, device: Device) -> Export:
        if self.volatile.export is None:
            raise Failed("OTHER_ERROR_NO_EXPORT_STARTED")
        signer = device.signer
        if self.strict and not self.volatile.admin and not signer.state.disabled and not signer.expired:
            raise Failed("OTHER_ERROR_CURRENTLY_EXPORTING_USER")
        return self.volatile.export
