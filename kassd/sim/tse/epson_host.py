"""What an Epson host does with the functions of a TSE: its own users, challenges and export sessions.

Written after the vendor's names in the reference; functions it only names, without their inputs, are unknown
here too. What is volatile in the host goes with the power of the device it belongs to.
"""

import base64
import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.log.messages import Operation
from kassd.tse.log.tar import END
from kassd.tse.port import ExportFilter, Secrets
from kassd.tse.soft import archive
from kassd.tse.soft.device import Device

Input = dict[str, Any]
OK = "EXECUTION_OK"
FILE = "epson.json"
CHUNK = 32_768
BLOCK = 512
MAX_CHALLENGES = 100
DATE = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", re.ASCII)

VENDOR = {
    codes.TIME_NOT_SET: "TSE1_ERROR_NO_TIME_SET",
    codes.SELF_TEST_DUE: "TSE1_ERROR_WRONG_STATE_NEEDS_SELF_TEST",
    codes.SELF_TEST_FAILED: "TSE1_ERROR_SELF_TEST_FAILED_CSP",
    codes.CERTIFICATE_EXPIRED: "TSE1_ERROR_CERTIFICATE_EXPIRED",
    codes.DISABLED: "TSE1_ERROR_TSE_DECOMMISSIONED",
    codes.NOT_INITIALIZED: "TSE1_ERROR_TSE_NOT_INITIALIZED",
    codes.ALREADY_INITIALIZED: "OTHER_ERROR_TSE_ALREADY_SET_UP",
    codes.STORAGE: "TSE1_ERROR_STORE_FULL",
    codes.SIGNATURES_EXHAUSTED: "TSE1_ERROR_TRANSACTION_SIGNATURES_EXCEEDED",
    codes.NOT_AUTHENTICATED: "TSE1_ERROR_NOT_AUTHORIZED",
    codes.NOT_AUTHORIZED: "TSE1_ERROR_NOT_AUTHORIZED",
    codes.WRONG_PIN: "TSE1_ERROR_AUTHENTICATION_FAILED",
    codes.PIN_BLOCKED: "TSE1_ERROR_AUTHENTICATION_PIN_BLOCKED",
    codes.PUK_BLOCKED: "TSE1_ERROR_AUTHENTICATION_PIN_BLOCKED",
    codes.USER_UNKNOWN: "TSE1_ERROR_WRONG_STATE_NEEDS_PUK_CHANGE",
    codes.CLIENT_UNKNOWN: "TSE1_ERROR_CLIENT_NOT_REGISTERED",
    codes.CLIENT_IN_USE: "TSE1_ERROR_CLIENT_HAS_UNFINISHED_TRANSACTIONS",
    codes.TOO_MANY_CLIENTS: "TSE1_ERROR_MAX_REGISTERED_CLIENTS_REACHED",
    codes.NO_TRANSACTION: "TSE1_ERROR_TRANSACTION_NOT_STARTED",
    codes.TOO_MANY_TRANSACTIONS: "TSE1_ERROR_MAX_PARALLEL_TRANSACTIONS",
    codes.OPEN_TRANSACTIONS: "TSE1_ERROR_TSE_HAS_UNFINISHED_TRANSACTIONS",
    codes.PARAMETER: "TSE1_ERROR_TSE_INVALID_PARAMETER",
    codes.NOT_FOUND: "TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE",
    codes.TRANSACTION_NOT_FOUND: "TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE",
    codes.NO_DATA: "TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE",
    codes.UNEXPORTED: "TSE1_ERROR_EXPORT_UNACKNOWLEDGED_DATA",
}


class Failed(Exception):
    """A result other than EXECUTION_OK; ``output`` goes with it."""

    def __init__(self, result: str, output: Input | None = None) -> None:
        self.result, self.output = result, output or {}
        super().__init__(result)


@dataclass
class Export:
    """An export session; ``upto``: the newest counter in it, 0 for a filtered one, which deletes nothing."""

    pieces: Iterator[bytes]
    upto: int
    rest: bytes = b""
    complete: bool = False
    empty: str = ""


@dataclass
class Volatile:
    """What the host forgets with the power."""

    challenges: dict[str, str] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    admin: bool = False
    clients: set[str] = field(default_factory=set)
    export: Export | None = None


@dataclass
class Bound:
    """What stays: the shared secret, the host the TSE was set up in, and the lock."""

    secret: str = "EPSONKEY"
    host: str = ""
    locked: bool = False


class EpsonHost:
    """The functions on the device that is plugged in. ``whole_base64``: export data is one base64 text cut
    anywhere instead of pieces that are complete; ``tar_end``: the archive has its two zero blocks."""

    def __init__(
        self, folder: Path, host_id: str = "EPSON-0001", *, whole_base64: bool = False, tar_end: bool = True
    ) -> None:
        self.host_id = host_id
        self.whole_base64 = whole_base64
        self.tar_end = tar_end
        self.volatile = Volatile()
        self.retries = 0  # how often GetExportData has nothing yet
        self._path = folder / FILE
        self._device: Device | None = None
        self._bound = Bound(**json.loads(self._path.read_bytes())) if self._path.exists() else Bound()

    def _keep(self) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(vars(self._bound)), encoding="utf-8")
        os.replace(fresh, self._path)

    def execute(self, device: Device, function: str, given: Input) -> Input:
        """Do one function; raises :class:`Failed`."""
        if device is not self._device:
            self._device, self.volatile = device, Volatile()
        handler = FUNCTIONS[function]
        if self.volatile.export is not None and function not in WHILE_EXPORTING:
            raise Failed("OTHER_ERROR_CURRENTLY_EXPORTING")
        if self._bound.locked and function in LOCKABLE:
            raise Failed("TSE1_ERROR_WRONG_STATE_NEEDS_TSE_UNLOCK")
        try:
            return handler(self, device, given) or {}
        except TseRefused as error:
            raise Failed(VENDOR.get(error.code, error.code)) from error

    # information and configuration

    def get_storage_info(self, device: Device, _given: Input) -> Input:
        info, state = device.info(), device.signer.state
        life = {"factory": "UNINITIALIZED", "disabled": "DECOMMISSIONED"}.get(info.life_cycle, "INITIALIZED")
        expiry = datetime.fromtimestamp(info.certificate_expiry, UTC)
        tse = {
            "vendorType": "TSE1",
            "tseCapacity": state.model.max_bytes // BLOCK,
            "tseCurrentSize": state.stored // BLOCK,
            "tseInitializationState": life,
            "hasValidTime": info.time_valid,
            "hasPassedSelfTest": not info.self_test_due,
            "timeUntilNextSelfTest": 0 if info.self_test_due else 90_000,
            "isExportEnabledIfCspTestFails": False,
            "maxUpdateDelay": 45,
            "startedTransactions": info.open_transactions,
            "maxStartedTransactions": info.max_open_transactions,
            "createdSignatures": info.signature_counter,
            "remainingSignatures": info.signatures_left,
            "maxSignatures": state.model.max_signatures,
            "registeredClients": len(info.clients),
            "maxRegisteredClients": info.max_clients,
            "certificateExpirationDate": expiry.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tarExportSize": state.stored,
            "isTransactionInProgress": False,
            "isTSEUnlocked": life == "INITIALIZED" and not self._bound.locked,
            "serialNumber": base64.b64encode(bytes.fromhex(info.serial_number)).decode(),
            "tsePublicKey": info.public_key,
            "signatureAlgorithm": info.signature_algorithm,
            "tseDescription": info.description,
            "softwareVersion": 65_792,
            "hardwareVersion": 65_540,
            "cdcId": "U" + info.serial_number[:16].upper(),
            "cdcHash": hashlib.sha256(info.serial_number.encode()).hexdigest(),
            "lastExportExecutedDate": "No Last Export Information",
        }
        health = {"healthStatus": "PASS"}
        smart = {
            "tseHealth": "PASS",
            "isReplacementNeeded": False,
            "remainingTenYearsDataRetention": 98,
            "spareBlockStatus": health | {"remainingSpareBlocks": 100},
            "eraseLifetimeStatus": health | {"remainingEraseCounts": 100},
            "dataIntegrity": health | {"uncorrectableECCErrors": 0},
        }
        return {"tseInformation": tse, "smartInformation": smart}

    def set_up(self, device: Device, given: Input) -> None:
        """Everything at once: PUK, PINs, self test, initialisation, the host as a client of the self test."""
        puk, admin, time_admin = (text(given, name) for name in ("puk", "adminPin", "timeAdminPin"))
        if len(puk) != 6 or len(admin) != 5 or len(time_admin) != 5:
            raise Failed("JSON_ERROR_INVALID_PARAMETER_RANGE")
        device.set_secrets(Secrets(admin, time_admin, puk, puk))
        device.self_test()
        device.authenticate("Admin", admin)
        device.initialize()
        device.log_out("Admin")
        self._bound.host = self.host_id
        self._keep()

    def set_up_for_printer(self, device: Device, _given: Input) -> None:
        self._admin(device)
        self._bound.host = self.host_id
        self._keep()

    def run_self_test(self, device: Device, _given: Input) -> None:
        device.self_test()
        if self._bound.host != self.host_id:
            raise Failed("TSE1_ERROR_CLIENT_NOT_REGISTERED")

    def register_secret_key(self, device: Device, given: Input) -> None:
        self._admin(device)
        if len(text(given, "secretKey")) != 8:
            raise Failed("JSON_ERROR_INVALID_PARAMETER_RANGE")
        self._bound.secret = given["secretKey"]
        self._keep()

    def update_time(self, device: Device, given: Input) -> None:
        user = text(given, "userId")
        if not (self.volatile.admin if user == "Administrator" else user in self.volatile.clients):
            raise Failed("OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER")
        self._tested(device)
        device.update_time(moment(given, "newDateTime"))

    def register_client(self, device: Device, given: Input) -> None:
        self._admin(device)
        device.register_client(client(given))

    def deregister_client(self, device: Device, given: Input) -> None:
        self._admin(device)
        device.deregister_client(client(given))

    def get_registered_client_list(self, device: Device, _given: Input) -> Input:
        self._admin(device)
        return {"registeredClientIdList": list(device.signer.state.clients)}

    def lock(self, device: Device, _given: Input) -> None:
        self._admin(device)
        self._bound.locked = True
        self._keep()

    def unlock(self, device: Device, _given: Input) -> None:
        self._admin(device)
        self._bound.locked = False
        self._keep()

    def disable(self, device: Device, _given: Input) -> None:
        self._admin(device)
        if not device.signer.time_valid:
            raise Failed("TSE1_ERROR_NO_TIME_SET")
        device.disable()
        self.volatile.admin = False
        self.volatile.clients.clear()

    # users

    def get_challenge(self, _device: Device, given: Input) -> Input:
        user = text(given, "userId")
        if user not in self.volatile.challenges and len(self.volatile.challenges) >= MAX_CHALLENGES:
            raise Failed("OTHER_ERROR_TOO_MANY_CHALLENGE_REQUESTED")
        self.volatile.challenges[user] = secrets.token_hex(8)
        return {"challenge": self.volatile.challenges[user]}

    def _proved(self, user: str, given: Input) -> None:
        challenge = self.volatile.challenges.pop(user, None)
        right = hashlib.sha256(f"{challenge}{self._bound.secret}".encode()).digest()
        if challenge is None or text(given, "hash") != base64.b64encode(right).decode():
            raise Failed("OTHER_ERROR_HOST_AUTHENTICATION_FAILED")

    def _log_in(self, device: Device, user: str, pin: str) -> Input:
        if not device.signer.state.initialized:
            raise Failed("TSE1_ERROR_WRONG_STATE_NEEDS_PUK_CHANGE")
        self._tested(device)
        try:
            device.authenticate(user, pin)
        except TseRefused as error:
            left = device.signer.state.users[user].pin_tries
            raise Failed(VENDOR[error.code], {"remainingRetries": left}) from error
        return {"remainingRetries": device.signer.state.users[user].pin_tries}

    def authenticate_admin(self, device: Device, given: Input) -> Input:
        if text(given, "userId") != "Administrator":
            raise Failed("OTHER_ERROR_INVALID_ADMIN_USER_ID")
        self._proved("Administrator", given)
        output = self._log_in(device, "Admin", text(given, "pin"))
        self.volatile.admin = True
        return output

    def authenticate_time_admin(self, device: Device, given: Input) -> Input:
        user = client(given)
        self._proved(user, given)
        if len(self.volatile.clients | {user}) > device.signer.state.model.max_clients:
            raise Failed("OTHER_ERROR_TOO_MANY_TIME_ADMIN_USER_LOGGED_IN")
        output = self._log_in(device, "TimeAdmin", text(given, "pin"))
        self.volatile.clients.add(user)
        return output

    def log_out_admin(self, device: Device, _given: Input) -> None:
        self._admin(device)
        self.volatile.admin = False
        device.log_out("Admin")

    def log_out_time_admin(self, device: Device, given: Input) -> None:
        if client(given) not in self.volatile.clients:
            raise Failed("OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER")
        self.volatile.clients.discard(client(given))
        if not self.volatile.clients:
            device.log_out("TimeAdmin")

    def authenticate_host(self, _device: Device, given: Input) -> None:
        self._proved(text(given, "userId"), given)
        self.volatile.hosts.add(text(given, "userId"))

    def deauthenticate_host(self, _device: Device, given: Input) -> None:
        self.volatile.hosts.discard(text(given, "userId"))

    def unblock_admin(self, device: Device, given: Input) -> None:
        self._unblock(device, "Admin", given)

    def unblock_time_admin(self, device: Device, given: Input) -> None:
        self._unblock(device, "TimeAdmin", given)

    def _unblock(self, device: Device, user: str, given: Input) -> None:
        if text(given, "userId") not in self.volatile.hosts:
            raise Failed("OTHER_ERROR_UNAUTHENTICATED_HOST")
        if len(text(given, "newPin")) != 5:
            raise Failed("JSON_ERROR_INVALID_PARAMETER_RANGE")
        device.unblock(user, text(given, "puk"), given["newPin"])

    def get_authenticated_user_list(self, _device: Device, _given: Input) -> Input:
        users = ["Administrator"] if self.volatile.admin else []
        return {"authenticatedUserList": users + sorted(self.volatile.clients)}

    def _admin(self, device: Device) -> None:
        if not self.volatile.admin:
            raise Failed("OTHER_ERROR_UNAUTHENTICATED_ADMIN_USER")
        self._tested(device)

    def _tested(self, device: Device) -> None:
        if device.self_test_due:
            raise Failed("TSE1_ERROR_WRONG_STATE_NEEDS_SELF_TEST")

    # transactions

    def start(self, device: Device, given: Input) -> Input:
        output = self._sign(device, "start", 0, given)
        return output

    def update(self, device: Device, given: Input) -> Input:
        return self._sign(device, "update", number(given, "transactionNumber"), given)

    def finish(self, device: Device, given: Input) -> Input:
        return self._sign(device, "finish", number(given, "transactionNumber"), given)

    def _sign(self, device: Device, operation: Operation, transaction: int, given: Input) -> Input:
        if client(given) not in self.volatile.clients:
            raise Failed("OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER")
        try:
            data = base64.b64decode(text(given, "processData"), validate=True)
        except ValueError:
            raise Failed("JSON_ERROR_INVALID_PARAMETER") from None
        kind = text(given, "processType")
        signed = device.transaction(operation, transaction, client(given), kind, data)
        output: Input = {
            "logTime": signed.log_time[:19] + "Z",
            "signatureCounter": signed.signature_counter,
            "signature": signed.signature,
        }
        if operation == "start":
            serial = base64.b64encode(bytes.fromhex(signed.serial_number)).decode()
            output |= {"transactionNumber": signed.transaction_number, "serialNumber": serial}
        return output

    def get_started_transaction_list(self, device: Device, given: Input) -> Input:
        self._tested(device)
        return {
            "startedTransactionNumberList": list(device.open_transactions(text(given, "clientId") or None))
        }

    def get_last_transaction_response(self, device: Device, given: Input) -> Input:
        last = device.last_result(client(given))
        if last is None:
            raise Failed("TSE1_ERROR_NO_LAST_TRANSACTION")
        signed = last.signed
        return {
            "transactionNumber": signed.transaction_number,
            "logTime": signed.log_time[:19] + "Z",
            "serialNumber": base64.b64encode(bytes.fromhex(signed.serial_number)).decode(),
            "signatureCounter": signed.signature_counter,
            "signature": signed.signature,
        }

    # export

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
        if not signer.state.disabled and not signer.expired:
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
        if not self.volatile.admin and not signer.state.disabled and not signer.expired:
            raise Failed("OTHER_ERROR_CURRENTLY_EXPORTING_USER")
        return self.volatile.export


def text(given: Input, name: str) -> str:
    """A value that must be a text."""
    if name not in given:
        raise Failed("JSON_ERROR_NOT_ENOUGH_CONTENTS")
    if not isinstance(given[name], str):
        raise Failed("JSON_ERROR_UNEXPECTED_PARAM_TYPE")
    return str(given[name])


def client(given: Input) -> str:
    """A client id."""
    found = text(given, "clientId")
    if not 1 <= len(found) <= 30:
        raise Failed("JSON_ERROR_INVALID_PARAMETER_RANGE")
    return found


def number(given: Input, name: str) -> int:
    """A value that must be a number."""
    if name not in given:
        raise Failed("JSON_ERROR_NOT_ENOUGH_CONTENTS")
    value = given[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise Failed("JSON_ERROR_UNEXPECTED_PARAM_TYPE")
    if value < 0:
        raise Failed("JSON_ERROR_INVALID_PARAMETER_RANGE")
    return value


def moment(given: Input, name: str) -> int:
    """Unix seconds of a date with hours 00 to 23."""
    found = text(given, name)
    if not DATE.fullmatch(found):
        raise Failed("JSON_ERROR_INVALID_TIME_FORMAT")
    return int(datetime.strptime(found, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())


Handler = Callable[[EpsonHost, Device, Input], Input | None]
FUNCTIONS: dict[str, Handler] = {
    "GetStorageInfo": EpsonHost.get_storage_info,
    "SetUp": EpsonHost.set_up,
    "SetUpForPrinter": EpsonHost.set_up_for_printer,
    "RunTSESelfTest": EpsonHost.run_self_test,
    "RegisterSecretKey": EpsonHost.register_secret_key,
    "UpdateTime": EpsonHost.update_time,
    "UpdateTimeForFirst": EpsonHost.update_time,
    "RegisterClient": EpsonHost.register_client,
    "DeregisterClient": EpsonHost.deregister_client,
    "GetRegisteredClientList": EpsonHost.get_registered_client_list,
    "LockTSE": EpsonHost.lock,
    "UnlockTSE": EpsonHost.unlock,
    "DisableSecureElement": EpsonHost.disable,
    "GetChallenge": EpsonHost.get_challenge,
    "AuthenticateUserForAdmin": EpsonHost.authenticate_admin,
    "AuthenticateUserForTimeAdmin": EpsonHost.authenticate_time_admin,
    "LogOutForAdmin": EpsonHost.log_out_admin,
    "LogOutForTimeAdmin": EpsonHost.log_out_time_admin,
    "AuthenticateHost": EpsonHost.authenticate_host,
    "DeauthenticateHost": EpsonHost.deauthenticate_host,
    "UnblockUserForAdmin": EpsonHost.unblock_admin,
    "UnblockUserForTimeAdmin": EpsonHost.unblock_time_admin,
    "GetAuthenticatedUserList": EpsonHost.get_authenticated_user_list,
    "StartTransaction": EpsonHost.start,
    "UpdateTransaction": EpsonHost.update,
    "FinishTransaction": EpsonHost.finish,
    "GetStartedTransactionList": EpsonHost.get_started_transaction_list,
    "GetLastTransactionResponse": EpsonHost.get_last_transaction_response,
    "GetLogMessageCertificate": EpsonHost.get_certificate,
    "ArchiveExport": EpsonHost.archive_export,
    "ExportFilteredByTransactionNumber": EpsonHost.export_number,
    "ExportFilteredByTransactionNumberInterval": EpsonHost.export_interval,
    "ExportFilteredByPeriodOfTime": EpsonHost.export_period,
    "GetExportData": EpsonHost.get_export_data,
    "FinalizeExport": EpsonHost.finalize_export,
    "CancelExport": EpsonHost.cancel_export,
}
WHILE_EXPORTING = {"GetStorageInfo", "GetExportData", "FinalizeExport", "CancelExport", "LogOutForAdmin"}
LOCKABLE = {
    name for name in FUNCTIONS if name.endswith("Transaction") or name.startswith(("Export", "Archive"))
}
