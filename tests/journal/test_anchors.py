import pytest

from kassd.journal.anchors import compare

OURS = {"size": 100, "root": "aa", "roots": {90: "bb"}, "epoch": 2, "receipt": 40, "closing": 3,
        "signature_counter": 200, "transaction": 99}  # fmt: skip


@pytest.mark.parametrize(
    ("anchor", "ids"),
    [
        ({}, []),
        ({"size": 100, "root": "aa"}, []),
        ({"size": 100, "root": "ff"}, ["fork"]),
        ({"size": 90, "root": "bb"}, []),
        ({"size": 90, "root": "ff"}, ["fork"]),
        ({"size": 80, "root": "ff"}, []),
        ({"size": 101}, ["rollback"]),
        ({"epoch": 2, "receipt": 41, "closing": 4}, ["rollback", "rollback"]),
        ({"epoch": 1, "receipt": 4100}, []),
        ({"epoch": 3, "receipt": 1}, ["other_epoch"]),
        ({"signature_counter": 201}, ["rollback"]),
        ({"signature_counter": 200, "transaction": 99}, []),
        ({"transaction": 100}, ["rollback"]),
    ],
)
def test_each_anchor(anchor: dict[str, object], ids: list[str]) -> None:
    findings = compare(OURS, anchor, "broker")
    assert [finding.id for finding in findings] == ids
    assert all(f.severity == "error" and f.message.startswith("broker: ") for f in findings)


def test_what_we_do_not_know_is_not_compared() -> None:
    assert compare({}, {"size": 5, "receipt": 3, "epoch": 1}, "mirror") == []
