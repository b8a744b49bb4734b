import pytest

from kassd.errors import ConfigError
from kassd.mqtt.topics import TOPICS, Topics, checked_node, is_name

T = Topics("demo.kasse-0007")
R = "kassd/v1/demo.kasse-0007"


def test_every_topic() -> None:
    made = {
        "online": T.online,
        "info": T.info,
        "sale": T.sale("main"),
        "till": T.till("main"),
        "orders": T.orders,
        "device": T.device("tse"),
        "customer": T.customer("main"),
        "alert": T.alert("paper"),
        "event": T.event("stock.moved"),
        "command": T.command("cashier-1", "sale.add"),
        "reply": T.reply("cashier-1"),
        "checkpoint": T.checkpoint,
        "heartbeat": T.heartbeat,
    }
    assert set(made) == set(TOPICS)
    assert list(made.values()) == [
        f"{R}/online",
        f"{R}/info",
        f"{R}/state/sale/main",
        f"{R}/state/till/main",
        f"{R}/state/orders",
        f"{R}/state/dev/tse",
        f"{R}/view/customer/main",
        f"{R}/alert/paper",
        f"{R}/evt/stock.moved",
        f"{R}/cmd/cashier-1/sale.add",
        f"{R}/res/cashier-1",
        f"{R}/journal/checkpoint",
        f"{R}/tele/heartbeat",
    ]
    assert T.commands == f"{R}/cmd/+/+"


@pytest.mark.parametrize(
    "node", ["", "demo", "demo.", ".k", "a.b.c", "Demo.k", "demo.k/x", "demo.+", "d.k\n", "a" * 33 + ".b"]
)
def test_a_bad_node_is_a_configuration_error(node: str) -> None:
    with pytest.raises(ConfigError, match=r"demo\.kasse-0007"):
        checked_node(node)
    with pytest.raises(ConfigError):
        Topics(node)


@pytest.mark.parametrize("name", ["", "+", "#", "a/b", "a+", "ä", "-a", "a\0", "a" * 65, "main\n"])
def test_no_topic_level(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(ValueError, match="topic level"):
        T.sale(name)


@pytest.mark.parametrize(
    ("topic", "parsed"),
    [
        (f"{R}/cmd/cashier-1/sale.add", ("cashier-1", "sale.add")),
        (f"{R}/cmd/cashier-1/no.such_thing", ("cashier-1", "no.such_thing")),
        (f"{R}/cmd/cashier-1", None),
        (f"{R}/cmd/cashier-1/", None),
        (f"{R}/cmd//sale.add", None),
        (f"{R}/cmd/a/b/c", None),
        (f"{R}/cmd/ä/sale.add", None),
        (f"{R}/res/cashier-1/sale.add", None),
        ("kassd/v1/demo.kasse-0008/cmd/cashier-1/sale.add", None),
    ],
)
def test_parse_command(topic: str, parsed: tuple[str, str] | None) -> None:
    assert T.parse_command(topic) == parsed
