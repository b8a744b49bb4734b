"""Sections about who may do what: clients, operators and their roles."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from kassd.core.arguments import RIGHTS, Right
from kassd.settings_base import Name, Section

PIN_HASH = r"scrypt\$[0-9]{1,2}\$[0-9]{1,2}\$[0-9]{1,2}\$[A-Za-z0-9+/=]{16,64}\$[A-Za-z0-9+/=]{24,128}"


def _is_hash(text: str) -> str:
    if not re.fullmatch(PIN_HASH, text):
        raise ValueError("kein PIN-Hash; „kassd operator hash“ macht einen aus der PIN")
    return text


class RoleSection(Section):
    """``[[role]]``: a set of rights with a name. `cashier`, `supervisor`, `owner` and `auditor` are there
    already (docs/people.md); a section of that name replaces one."""

    name: Name = Field(description="as in `[[operator]] roles`")
    rights: tuple[Right, ...] = Field((), description="what it may do")


class OperatorSection(Section):
    """``[[operator]]``: somebody who works here. Once there is one, selling needs a login."""

    name: Name = Field(description="BEDIENER_ID, for the data; what `operator.login` takes")
    text: str = Field("", max_length=50, description="BEDIENER_NAME; default: the name")
    roles: tuple[Name, ...] = Field(("cashier",), description="names of roles; their rights add up")
    pin: Annotated[str, AfterValidator(_is_hash)] = Field(
        exclude=True,
        description="hash of the PIN, from `kassd operator hash`; the journal knows a hash of it",
    )
    card: str = Field(
        "", max_length=80, exclude=True, description="code of an operator card; whoever scans it is logged in"
    )
    active: bool = Field(True, description="false: may not work any more (the name stays in the data)")


class ClientSection(Section):
    """``[[client]]``: who may send commands. **In mode `test` a client that is not listed acts for station
    `main` with every right**; in `production` it is refused (`unauthorized`). One without rights sends
    nothing; with accounts (`kassd config broker`) it is a customer's display."""

    name: Name = Field(description="client name in the command topic")
    station: Name = Field("main", description="station its commands act on")
    rights: tuple[Right, ...] = Field((), description=", ".join(RIGHTS))
