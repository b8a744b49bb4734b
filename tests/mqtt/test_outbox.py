from kassd.mqtt.outbox import MAX_TRANSIENT, Outbox, Outgoing


def drain(box: Outbox) -> list[tuple[str, bytes]]:
    taken = []
    while outgoing := box.take():
        taken.append((outgoing.topic, outgoing.payload))
    return taken


def test_the_latest_wins_and_keeps_its_place() -> None:
    box = Outbox()
    assert box.show("a", b"1")
    assert box.show("b", b"1")
    assert box.show("a", b"2")
    assert not box.show("a", b"2")
    assert len(box) == 2
    assert drain(box) == [("a", b"2"), ("b", b"1")]
    assert not box.show("a", b"2"), "sent already"
    assert box.take() is None


def test_a_new_connection_sends_everything_and_the_last_one_last() -> None:
    box = Outbox()
    for topic in "abc":
        box.show(topic, topic.encode())
    drain(box)
    box.everything()
    box.show_last("a", b"a")
    assert drain(box) == [("b", b"b"), ("c", b"c"), ("a", b"a")]


def test_clearing_sends_an_empty_retained_payload() -> None:
    box = Outbox()
    box.show("a", b"1")
    box.clear("a")
    assert box.take() == Outgoing("a", b"", retain=True)
    assert not box.holds("a")
    box.everything()
    assert box.take() is None


def test_forgetting_says_nothing() -> None:
    box = Outbox()
    box.show("a", b"1")
    box.forget("a")
    box.forget("never shown")
    assert len(box) == 0
    assert box.take() is None


def test_a_flood_of_replies_costs_nobody_else_his() -> None:
    box = Outbox()
    for n in range(2 * MAX_TRANSIENT):
        box.queue(Outgoing("res/flood", b"%d" % n))
    assert box.queue(Outgoing("res/cashier", b"mine"))
    assert box.queue(Outgoing("evt/sold", b"event"))
    assert not box.queue(Outgoing("res/flood", b"more"))
    assert len(box) == MAX_TRANSIENT
    assert box.dropped == MAX_TRANSIENT + 3
    taken = drain(box)
    assert taken[-2:] == [("res/cashier", b"mine"), ("evt/sold", b"event")]
    assert taken[:-2] == [("res/flood", b"%d" % n) for n in range(MAX_TRANSIENT - 2)]


def test_replies_go_before_states_and_are_bounded() -> None:
    box = Outbox()
    box.show("state", b"1")
    assert all(box.queue(Outgoing("res", b"%d" % n)) for n in range(MAX_TRANSIENT))
    assert not box.queue(Outgoing("res", b"too much"))
    assert box.dropped == 1
    taken = drain(box)
    assert taken[0] == ("res", b"0")
    assert taken[-1] == ("state", b"1")


def test_offline_keeps_the_slots_only() -> None:
    box = Outbox()
    box.show("state", b"1")
    box.clear("alert")
    box.queue(Outgoing("res", b"1"))
    box.offline()
    assert (len(box), box.dropped) == (0, 1)
    box.everything()
    assert drain(box) == [("state", b"1")]
