"""A shop's day once more, on a real register: the acts of the playbook, over MQTT, scanner and power."""

import json
from collections.abc import Mapping
from typing import Any

from kassd.sim.world import World
from kassd.tse.soft import Fault
from tests.scenarios.shops.day import Act, Day

LISTS = 3  # parts of a key: section, name of the item, key
SAME = {"lade": "drawer", "lade/CHF": "drawer/CHF"}  # the world's drawer has another name


def toml(day: Day) -> str:
    """The shop's own sections as configuration; ``[business]`` comes by :func:`environment`."""
    tables: dict[tuple[str, str], dict[str, Any]] = {}
    for key, value in day.shop.items():
        parts = key.split(".", 2)
        if len(parts) >= LISTS:
            tables.setdefault((f"[{parts[0]}]", parts[1]), {})[parts[2]] = value
        elif len(parts) > 1:
            tables.setdefault((parts[0], ""), {})[parts[1]] = value
    rows: list[str] = []
    for (table, _), values in tables.items():
        if table != "register":
            rows += [f"[{table}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()), ""]
    return "\n".join(rows)


def environment(day: Day) -> dict[str, str]:
    """Keys of sections that the world writes itself."""
    found: dict[str, str] = {}
    for key, value in day.shop.items():
        section, _, name = key.rpartition(".")
        if section in ("", "register"):
            word = f"KASSD_{(section or 'business').upper()}__{name.upper()}"
            found[word] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


class Again:
    """Plays acts on a world. What the register names by itself (vouchers, sales) is called by its name."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.names: dict[str, str] = dict(SAME)

    async def play(self, day: Day) -> None:
        for n, act in enumerate(day.acts):
            await self._act(act, n)
            await self._ended()

    async def _act(self, act: Act, n: int) -> None:
        match act.kind, act.name:
            case "command", name:
                reply = await self.world.command(name, self._named(act.args))
                assert reply.get("code", "") == act.code, (n, name, act.args, reply)
                self._learn(act.result, reply.get("result") or {})
                if name in ("till.open", "till.close"):
                    await self.world.wait("state/till/main", lambda d: d["open"] == (name == "till.open"))
            case "scan", text:
                lines = len(self.world.facts("sale.line_added"))
                self.world.scan(text)
                await self.world.until(lambda: len(self.world.facts("sale.line_added")) > lines)
            case "tse", "gone":
                self.world.tse_faults(Fault("gone"))
            case "tse", _:
                await self.world.wait("alert/tse-outage", timeout=60.0)
                self.world.tse_faults()
                await self.world.wait("alert/tse-outage", lambda d: not d, 60.0)
            case "power", _:
                await self.world.restart(kill=True)
            case other:
                raise AssertionError(f"cannot be done here: {other}")

    def _named(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {self.names.get(key, key): self._named(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._named(item) for item in value]
        return self.names.get(value, value) if isinstance(value, str) else value

    def _learn(self, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        for key, value in then.items():
            if isinstance(value, str) and isinstance(now.get(key), str):
                self.names[value] = now[key]

    async def _ended(self) -> None:
        """Wait until every Vorgang that is over has its slip."""

        def over() -> bool:
            kinds = [fact["kind"] for line in self.world.journal() for fact in line.facts]
            begun = kinds.count("sale.paid") + kinds.count("sale.abort_asked")
            return begun == kinds.count("sale.finished")

        await self.world.until(over)
