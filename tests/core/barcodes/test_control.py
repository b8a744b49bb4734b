"""The printed control codes."""

from kassd.core.barcodes.control import CONTROL, control_action


def test_control_codes() -> None:
    for name, (action, given_, text) in CONTROL.items():
        assert control_action(f"KASSD{name}", "KASSD") == (action, given_)
        assert control_action(name, "KASSD") is None
        assert text
        assert not set(name) & set("YZ-_")
    assert control_action("KASSDX", "KASSD") is None
