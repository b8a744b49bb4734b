"""What somebody may do: the client's rights, cut down to those of the operator's roles.

Roles are data: those of the configuration, or the ones below. Rights change with the configuration, and each
change is a fact (Organisationsunterlagen).
"""

from kassd.core.arguments import RIGHTS, Right
from kassd.core.master import Config, client_rights, items
from kassd.core.state import State

ROLES: dict[str, tuple[Right, ...]] = {
    "cashier": ("sell", "approve"),
    "supervisor": (
        *("sell", "approve", "void", "refund", "price", "discount"),
        *("drawer", "cash", "till", "report", "export", "training", "place"),
    ),
    "owner": RIGHTS,
    "auditor": ("report", "export"),
}
# Who may do no more than this reads: nobody's approval lets them enter or change anything.
READING = frozenset(("report", "export"))
# What only a person does at a till; the rest may also be asked for by a program (prices, reports).
PERSONAL = frozenset(
    ("sell", "void", "refund", "price", "discount", "approve", "drawer", "cash", "till", "training")
)


def has_operators(config: Config) -> bool:
    """Whether people must log in."""
    return bool(items(config, "operator"))


def is_operator(config: Config, name: str) -> bool:
    """Whether ``name`` is a configured operator who may work."""
    return f"operator.{name}.name" in config and bool(config.get(f"operator.{name}.active", True))


def display_name(config: Config, name: str) -> str:
    """BEDIENER_NAME of an operator."""
    return str(config.get(f"operator.{name}.text") or name)


def role_rights(config: Config, name: str) -> frozenset[str]:
    """All rights of an operator's roles."""
    rights: set[str] = set()
    for role in config.get(f"operator.{name}.roles") or ():
        configured = f"role.{role}.name" in config
        rights.update((config.get(f"role.{role}.rights") or ()) if configured else ROLES.get(role, ()))
    return frozenset(rights)


def only_reads(config: Config, name: str) -> bool:
    """Whether an operator is one of those who may look at everything and change nothing (L-160)."""
    rights = role_rights(config, name)
    return bool(rights) and rights <= READING


def client_only_reads(config: Config, client: str) -> bool:
    """The same of a client, whoever stands at it."""
    rights = frozenset(client_rights(config, client))
    return bool(rights) and rights <= READING


def rights_at(state: State, station: str, client: str | None) -> frozenset[str]:
    """Rights of whoever acts at a station through ``client``; None: a scanner, which has its person's."""
    given = frozenset(RIGHTS) if client is None else frozenset(client_rights(state.config, client))
    if not has_operators(state.config):
        return given
    operator = state.station(station).operator
    return given & role_rights(state.config, operator) if operator else given - PERSONAL
