"""What is to be notified now: for each place of business all of its systems (Bruttomethode, AEAO zu § 146a
Nr. 1.16.1.4), from the master data in force."""

import hashlib
import json

from kassd.core.codec import decode, encode
from kassd.core.master import Config, items, register_id
from kassd.core.newest import newest
from kassd.core.notification.state import CERTIFICATION, Notice, Place, System
from kassd.core.state import State
from kassd.deferred import dataclass, replace

MOVED = "Wechsel der Betriebsstätte"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One notification: a place of business with all of its systems. ``former``: the register has left it.
    ``notice``: the last one that was sent for this place. ``own``: this register's serial; ``elsewhere``:
    another place was told of it."""

    place: Place
    systems: tuple[System, ...]
    former: bool
    notice: Notice | None
    own: str
    elsewhere: bool = False

    @property
    def mark(self) -> str:
        """Identifies what it says: eight hex digits of SHA-256."""
        text = json.dumps(encode([self.place, self.systems]), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def place_of(config: Config) -> Place:
    """The place of business in force: what ``[place]`` does not say is the business' own."""

    def get(key: str) -> str:
        return str(config.get(f"place.{key}") or config.get(f"business.{key}") or "")

    address = {key: get(key) for key in ("name", "street", "postal_code", "city")}
    return Place(**address, country=get("country") or "DEU", since=str(config.get("place.since") or ""))


def own_system(state: State) -> System:
    """This register; '' = not known. What the bound TSE says of itself goes before what is configured: a
    setting may still be that of the one before."""
    config, bound = state.config, state.tse.bound

    def get(key: str) -> str:
        return str(config.get(f"notification.{key}") or "")

    told = certification(bound.certification_id if bound else "")
    software, _, version = state.software.rpartition(" ")
    return System(
        serial=register_id(config),
        manufacturer=get("manufacturer") or str(config.get("register.brand") or ""),
        model=get("model") or str(config.get("register.model") or ""),
        software=software or version,
        software_version=version if software else "",
        tse_serial=bound.serial_number if bound else "",
        tse_commissioned=_commissioned(get("tse_commissioned"), bound.since if bound else ""),
        tse_certification=told or certification(get("tse_certification")),
        tse_form=get("tse_form"),
        acquired=get("acquired"),
        commissioned=get("commissioned"),
        decommissioned=get("decommissioned"),
        reason=get("reason"),
        acquisition=get("acquisition") or "purchase",  # type: ignore[arg-type] # the settings know no other
    )


def _commissioned(said: str, since: str) -> str:
    """What was said of a former TSE does not hold for one that was bound later."""
    return since if said < since and since else said


def certification(text: str) -> str:
    """``nnnn-yyyy`` of ``BSI-K-TR-nnnn-yyyy``; '' if there is none in ``text``."""
    found = CERTIFICATION.search(text)
    return found[1] if found else ""


@newest
def _others(config: Config) -> tuple[System, ...]:
    """The other systems of the place, by name."""
    found = []
    for _, item in sorted(items(config, "system").items()):
        told = {**item, "tse_certification": certification(str(item.get("tse_certification", "")))}
        found.append(decode(System, told, lenient=True))
    return tuple(found)


def sheets(state: State) -> tuple[Sheet, ...]:
    """What is to be notified: the place the register belongs to, and one it has left until that is told."""
    here = place_of(state.config)
    mine, others = own_system(state), _others(state.config)
    ours = [notice for notice in state.notices if here.is_same(notice.place)]
    elsewhere = {notice.place.since: notice for notice in state.notices if notice not in ours}
    moved = any(system.serial == mine.serial for notice in elsewhere.values() for system in notice.systems)
    found = [Sheet(here, (mine, *others), False, ours[-1] if ours else None, mine.serial, moved)]
    found += [sheet for notice in elsewhere.values() if (sheet := _left(notice, mine.serial, here))]
    return tuple(found)


def _left(notice: Notice, serial: str, here: Place) -> Sheet | None:
    """A former place, where this register was notified and not taken out again."""
    mine = [system for system in notice.systems if system.serial == serial]
    if not mine or mine[0].decommissioned:
        return None
    gone = replace(mine[0], decommissioned=here.since, reason=MOVED)
    systems = tuple(gone if system is mine[0] else system for system in notice.systems)
    return Sheet(notice.place, systems, True, notice, serial, True)
