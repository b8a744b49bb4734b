"""What an Epson host does with the functions of a TSE: its own users, challenges and export sessions.

Written after the vendor's names in the reference; functions it only names, without their inputs, are unknown
here too. What is volatile in the host goes with the power of the device it belongs to.
"""

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from kassd.errors import TseRefused
from kassd.sim.tse.epson_export import ExportFunctions
from kassd.sim.tse.epson_users import Volatile
from kassd.sim.tse.epson_values import VENDOR, Failed, Input, client, moment, number, text
from kassd.tse.log.messages import Operation
from kassd.tse.port import Secrets
from kassd.tse.soft.device import Device

BLOCK = 512


class EpsonHost(ExportFunctions):
    """The functions on the device that is plugged in, in a host called ``host_id``."""

    def __init__(
        self,
        folder: Path,
        host_id: str = "EPSON-0001",
        *,
        whole_base64: bool = False,
        tar_end: bool = True,
        strict: bool = False,
    ) -> None:
        super().__init__(folder, whole_base64=whole_base64, tar_end=tar_end, strict=strict)
        self.host_id = host_id
        self._device: Device | None = None

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
