"""Event data of the system operations a TSE logs, in version 2 and version 3 form.

Version 2 writes the fields with context tags 81, 82, …; version 3 as a SEQUENCE of universal types.
Names are lower camel in both (BSI's application notes of 2020-11-13).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kassd.tse.log import der
from kassd.tse.log.messages import SystemData
from kassd.tse.log.times import TimeFormat, time_content, time_tag

Field = tuple[int, bytes]  # universal tag, content octets
Origin = Literal["device", "storage", "integration-interface", "CSP", "SMA"]


def _string(value: str) -> Field:
    return der.PRINTABLE_STRING, value.encode()


def _boolean(value: bool) -> Field:
    return der.BOOLEAN, b"\xff" if value else b"\x00"


def _enumerated(value: int) -> Field:
    return der.ENUMERATED, der.integer_content(value)


@dataclass(frozen=True, slots=True)
class Events:
    """Writes events for one message version and time format."""

    version: int = 2
    time_format: TimeFormat = "unixTime"

    def _event(self, operation: str, fields: Sequence[Field], user: str | None = None) -> SystemData:
        if self.version >= 3:
            event = b"".join(der.tlv(tag, value) for tag, value in fields)
            return SystemData(operation, event, origin="SMA", triggered_by=user)
        event = b"".join(der.tlv(0x81 + i, value) for i, (_, value) in enumerate(fields))
        return SystemData(operation, event)

    def _time(self, unix_ms: int) -> Field:
        return time_tag(self.time_format), time_content(unix_ms, self.time_format)

    def initialize(self, description: str) -> SystemData:
        """The TSE leaves the factory state."""
        return self._event("initialize", [] if self.version >= 3 else [_string(description)], "Admin")

    def update_time(self, before: int, after: int, user: str) -> SystemData:
        """The clock was set from ``before`` to ``after`` (unix ms)."""
        return self._event("updateTime", [self._time(before), self._time(after)], user)

    def authenticate_user(self, user: str, role: int, result: int, retries: int) -> SystemData:
        """A PIN was entered. ``result``: 0 success, 1 unknown user, 2 wrong PIN, 3 blocked."""
        if self.version >= 3:
            fields = [_string(user), _enumerated(role), _enumerated(result)]
            fields.append((der.INTEGER, der.integer_content(retries)))
            return self._event("authenticateUser", fields, user)
        fields = [_string(user), _enumerated(role), _boolean(result == 0)]
        return self._event("authenticateUser", [*fields, (der.INTEGER, der.integer_content(retries))])

    def log_out(self, user: str) -> SystemData:
        """The user logged out by himself."""
        return self._event("logOut", [_string(user), _enumerated(0)], user)

    def unblock_user(self, user: str, result: int) -> SystemData:
        """A PUK was entered. ``result``: 0 ok, 1 failed."""
        return self._event("unblockPin" if self.version >= 3 else "unblockUser", self._user(user, result))

    def _user(self, user: str, result: int) -> list[Field]:
        return [_string(user), _enumerated(result)]

    def self_test(self, passed: bool, time: int) -> SystemData:
        """Self test of the security module application and the CSP."""
        if self.version >= 3:
            rows = [
                der.tlv(der.SEQUENCE, der.tlv(*_string(part)) + der.tlv(*_boolean(passed)))
                for part in ("SMA", "CSP")
            ]
            return self._event("selfTest", [(der.SEQUENCE, b"".join(rows)), _boolean(passed)])
        fields = [_string("SMAERS"), _boolean(passed), _string(""), self._time(time)]
        return self._event("selfTest", fields)

    def register_client(self, client_id: str) -> SystemData:
        """A register may use the TSE from now on."""
        return self._event("registerClient", [_string(client_id)], "Admin")

    def deregister_client(self, client_id: str) -> SystemData:
        """A register may no longer use the TSE."""
        return self._event("deregisterClient", [_string(client_id)], "Admin")

    def delete_logs(self, user: str) -> SystemData:
        """Exported log messages were deleted."""
        if self.version >= 3:
            return self._event("deleteLogMessages", [], user)
        return self._event("deleteStoredData", [_string(user)])

    def disable(self, time: int) -> SystemData:
        """The TSE was put out of use for ever."""
        fields = [] if self.version >= 3 else [self._time(time)]
        return self._event("disableSecureElement", fields, "Admin")
