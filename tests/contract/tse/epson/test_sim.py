"""The simulator on its raw wire, asked by other programs than the driver, and in their ways."""

import base64
import hashlib
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kassd.sim.tse.epson import EpsonSim

OPEN = "<open_device><device_id>local_TSE</device_id><data><type>type_storage</type></data></open_device>"
CLOSE = "<close_device><device_id>local_TSE</device_id></close_device>"


class Wire:
    """A blocking client; ``end`` stands after each element."""

    def __init__(self, sim: EpsonSim, end: str = "\0") -> None:
        self.socket = socket.create_connection(("127.0.0.1", sim.port), timeout=60)
        self.end = end
        self.greeting = self.read()

    def read(self) -> str:
        data = b""
        while not data.endswith(b"\0"):
            data += self.socket.recv(4096)
        return data[:-1].decode()

    def ask(self, element: str) -> str:
        self.socket.sendall((element + self.end).encode())
        return self.read()

    def raw(self, data: str) -> str:
        request = data.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        return self.ask(
            "<device_data><device_id>local_TSE</device_id><data><type>operate</type><timeout>60000</timeout>"
            f"<requestdata>{request}</requestdata></data></device_data>"
        )

    def do(self, function: str, **given: object) -> tuple[str, dict[str, object]]:
        kind = "COMMON" if function == "GetStorageInfo" else "TSE"
        vendor = "" if kind == "COMMON" else "TSE1"
        request = {
            "storage": {"type": kind, "vendor": vendor},
            "function": function,
            "input": given,
            "compress": {"required": False, "type": ""},
        }
        reply = self.raw(json.dumps(request))
        answer = json.loads(reply.split("<resultdata>")[1].split("</resultdata>")[0])
        assert answer["function"] == function
        return answer["result"], answer["output"]

    def log_in(self, user: str, pin: str, secret: str = "EPSONKEY") -> tuple[str, dict[str, object]]:
        challenge = self.do("GetChallenge", userId=user)[1]["challenge"]
        proof = base64.b64encode(hashlib.sha256(f"{challenge}{secret}".encode()).digest()).decode()
        if user == "Administrator":
            return self.do("AuthenticateUserForAdmin", userId=user, pin=pin, hash=proof)
        return self.do("AuthenticateUserForTimeAdmin", clientId=user, pin=pin, hash=proof)


@pytest.fixture(params=["\0", '"\0"'])
def wire(sim: EpsonSim, request: pytest.FixtureRequest) -> Iterator[Wire]:
    made = Wire(sim, request.param)
    assert made.greeting.startswith("<connect><data><client_id>")
    assert "<code>OK</code>" in made.ask(OPEN)
    yield made
    made.socket.close()


def set_up(wire: Wire) -> None:
    assert wire.do("SetUp", puk="123456", adminPin="11111", timeAdminPin="22222") == ("EXECUTION_OK", {})


def test_a_day_of_another_program(wire: Wire) -> None:
    set_up(wire)
    assert wire.log_in("Administrator", "11111")[0] == "EXECUTION_OK"
    assert wire.do("RunTSESelfTest")[0] == "EXECUTION_OK"
    assert wire.do("RegisterClient", clientId="POS 1")[0] == "EXECUTION_OK"
    date = {"newDateTime": "2026-11-30T23:05:00Z", "useTimeSync": False}
    assert wire.do("UpdateTime", userId="Administrator", **date)[0] == "EXECUTION_OK"
    assert wire.do("LogOutForAdmin")[0] == "EXECUTION_OK"
    assert wire.log_in("POS 1", "22222")[0] == "EXECUTION_OK"
    data = {"clientId": "POS 1", "processType": "Beleg  mit Leerzeichen", "additionalData": ""}
    result, started = wire.do("StartTransaction", processData="", **data)
    assert result == "EXECUTION_OK"
    signed = ["logTime", "signature", "signatureCounter"]
    assert sorted(started) == sorted([*signed, "serialNumber", "transactionNumber"])
    assert str(started["logTime"]).startswith("2026-11-30T23:05:")
    number = started["transactionNumber"]
    result, finished = wire.do("FinishTransaction", transactionNumber=number, processData="YQ==", **data)
    assert (result, sorted(finished)) == ("EXECUTION_OK", signed)
    assert wire.do("GetAuthenticatedUserList")[1] == {"authenticatedUserList": ["POS 1"]}


def test_pins_count_down_and_puk_opens(wire: Wire) -> None:
    set_up(wire)
    failed, blocked = "TSE1_ERROR_AUTHENTICATION_FAILED", "TSE1_ERROR_AUTHENTICATION_PIN_BLOCKED"
    for left in (2, 1, 0):
        assert wire.log_in("Administrator", "99999") == (failed, {"remainingRetries": left})
    assert wire.log_in("Administrator", "11111")[0] == blocked
    given = {"userId": "Administrator", "puk": "123456", "newPin": "55555"}
    assert wire.do("UnblockUserForAdmin", **given)[0] == "OTHER_ERROR_UNAUTHENTICATED_HOST"
    challenge = wire.do("GetChallenge", userId="Administrator")[1]["challenge"]
    proof = base64.b64encode(hashlib.sha256(f"{challenge}EPSONKEY".encode()).digest()).decode()
    assert wire.do("AuthenticateHost", userId="Administrator", hash=proof)[0] == "EXECUTION_OK"
    assert wire.do("UnblockUserForAdmin", **given)[0] == "EXECUTION_OK"
    assert wire.log_in("Administrator", "55555")[0] == "EXECUTION_OK"
    assert wire.do("RegisterSecretKey", secretKey="GEHEIM12")[0] == "EXECUTION_OK"
    assert wire.log_in("POS", "22222")[0] == "OTHER_ERROR_HOST_AUTHENTICATION_FAILED"
    assert wire.log_in("POS", "22222", "GEHEIM12")[0] == "EXECUTION_OK"


def request(function: str, given: object, kind: str = "TSE", vendor: str = "TSE1", zipped: str = "") -> str:
    storage, compress = {"type": kind, "vendor": vendor}, {"required": bool(zipped), "type": zipped}
    return json.dumps({"storage": storage, "function": function, "input": given, "compress": compress})


REFUSALS = [
    ("nothing", "JSON_ERROR_WRONG_JSON_FORMAT"),
    ("{}", "JSON_ERROR_NOT_ENOUGH_CONTENTS"),
    (request("RunTSESelfTest", {}, vendor=""), "JSON_ERROR_UNEXPECTED_STORAGE_VENDOR"),
    (request("SetUp", {}, kind="COMMON"), "JSON_ERROR_UNEXPECTED_STORAGE_TYPE"),
    (request("Dance", {}), "JSON_ERROR_UNEXPECTED_FUNCTION"),
    (request("SetUp", {}, zipped="zip"), "JSON_ERROR_UNEXPECTED_COMPRESSION_TYPE"),
    (request("SetUp", []), "JSON_ERROR_UNEXPECTED_PARAM_TYPE"),
    (request("SetUp", {}), "JSON_ERROR_NOT_ENOUGH_CONTENTS"),
    (request("SetUp", {"a": "x" * 66_000}), "JSON_ERROR_OVER_DATA_SIZE"),
]


@pytest.mark.parametrize(("data", "result"), REFUSALS)
def test_malformed_requests(wire: Wire, data: str, result: str) -> None:
    assert result in wire.raw(data)


def test_order_of_things(sim: EpsonSim, wire: Wire) -> None:
    sim.host.strict = True
    assert wire.log_in("Administrator", "11111")[0] == "TSE1_ERROR_WRONG_STATE_NEEDS_PUK_CHANGE"
    assert wire.do("RunTSESelfTest")[0] == "TSE1_ERROR_CLIENT_NOT_REGISTERED"
    assert (
        wire.do("SetUp", puk="1", adminPin="11111", timeAdminPin="2")[0]
        == "JSON_ERROR_INVALID_PARAMETER_RANGE"
    )
    set_up(wire)
    again = wire.do("SetUp", puk="123456", adminPin="11111", timeAdminPin="22222")
    assert again[0] == "OTHER_ERROR_TSE_ALREADY_SET_UP"
    assert wire.do("RegisterClient", clientId="A")[0] == "OTHER_ERROR_UNAUTHENTICATED_ADMIN_USER"
    wire.log_in("Administrator", "11111")
    assert wire.do("ArchiveExport", clientId="")[0] == "OTHER_ERROR_NO_TIME_SET_BEFORE_EXPORT"
    wrong = wire.do(
        "UpdateTime", userId="Administrator", newDateTime="2026-11-30 11:05:00", useTimeSync=False
    )
    assert wrong[0] == "JSON_ERROR_INVALID_TIME_FORMAT"
    wire.do("UpdateTime", userId="Administrator", newDateTime="2026-11-30T11:05:00Z", useTimeSync=False)
    assert wire.do("GetExportData")[0] == "OTHER_ERROR_NO_EXPORT_STARTED"
    assert wire.do("ArchiveExport", clientId="")[0] == "EXECUTION_OK"
    assert wire.do("RegisterClient", clientId="A")[0] == "OTHER_ERROR_CURRENTLY_EXPORTING"
    assert wire.do("FinalizeExport", deleteData=True)[0] == "OTHER_ERROR_ALL_DATA_NOT_EXPORTED_YET"
    result, output = wire.do("GetExportData")
    assert (result, output["exportStatus"]) == ("EXECUTION_OK", "EXPORT_COMPLETE")
    assert wire.do("GetExportData")[0] == "OTHER_ERROR_ALREADY_ALL_DATA_EXPORTED"
    assert wire.do("LogOutForAdmin")[0] == "EXECUTION_OK"
    assert wire.do("FinalizeExport", deleteData=False)[0] == "OTHER_ERROR_CURRENTLY_EXPORTING_USER"
    assert wire.do("CancelExport")[0] == "EXECUTION_OK"


def test_one_register_at_a_time(sim: EpsonSim, wire: Wire) -> None:
    other = Wire(sim)
    assert "<code>DEVICE_IN_USE</code>" in other.ask(OPEN)
    assert "<code>OK</code>" in other.ask(CLOSE)
    assert "<code>OK</code>" in other.ask(OPEN)
    assert "<code>DEVICE_NOT_OPEN</code>" in wire.raw("{}")
    other.socket.close()


def test_an_unknown_device_and_no_xml(wire: Wire) -> None:
    assert "<code>DEVICE_NOT_FOUND</code>" in wire.ask(OPEN.replace("local_TSE", "printer"))
    assert "PARAM_ERROR" in wire.ask("hello")


def test_an_element_in_two_parts(sim: EpsonSim, wire: Wire) -> None:
    wire.socket.sendall(CLOSE[:20].encode())
    wire.socket.sendall(CLOSE[20:].encode())
    assert "close_device" in wire.ask("")


def test_as_a_program_until_it_is_ended(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from kassd.sim.tse.epson import run_epson_sim as run; "
    code += "run(Path(sys.argv[1]), 0)"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        port = int(program.stdout.readline().rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
            assert wire.recv(4096).startswith(b"<connect>")
        program.send_signal(signal.SIGTERM)
        assert program.wait(timeout=60) == 0
