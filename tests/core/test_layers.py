"""A mapping in layers is what a dict would be after the same changes."""

import random

import pytest

from kassd.core.layers import GONE, MAX_OVER, Layers


@pytest.mark.parametrize("seed", range(4))
def test_it_is_a_dict_that_remembers(seed: int) -> None:
    chance = random.Random(seed)
    plain = {f"k{n}": n for n in range(300)}
    layers: Layers[int] = Layers.of(dict(plain))
    for step in range(3 * MAX_OVER):
        key = f"k{chance.randrange(500)}"
        before, was = layers, dict(plain)
        if chance.random() < 0.4:
            plain.pop(key, None)
            layers = layers.changed({key: GONE})
        else:
            plain[key] = step
            layers = layers.changed({key: step})
        assert layers.get(key, "none") == plain.get(key, "none")
        assert (key in layers) == (key in plain)
        if step % 50 == 0:
            assert list(before.items()) == list(was.items()), "the one before is as it was"
            assert list(layers.items()) == list(plain.items())
            assert len(layers) == len(plain)
    assert layers == plain
    assert plain == layers
    assert list(layers) == list(plain)


def test_what_is_gone_is_missing() -> None:
    layers = Layers.of({"a": 1, "b": 2}).changed({"a": GONE})
    with pytest.raises(KeyError):
        layers["a"]
    with pytest.raises(KeyError):
        layers["c"]
    assert layers["b"] == 2
    assert list(layers.changed({"a": 3})) == ["b", "a"], "what comes back comes last"
    assert layers.changed({"c": GONE}) == {"b": 2}


def test_many_changes_do_not_pile_up() -> None:
    layers: Layers[int] = Layers.of({})
    for n in range(5 * MAX_OVER):
        layers = layers.changed({str(n): n})
        assert len(layers._over) <= MAX_OVER
    assert len(layers) == 5 * MAX_OVER
