import random

from kassd.mqtt.backoff import Backoff


class Highest(random.Random):
    """Chance that always takes the ceiling."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_ceilings_double_up_to_the_cap() -> None:
    backoff = Backoff(rng=Highest())
    assert [backoff.pause() for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_jitter_is_full() -> None:
    backoff = Backoff(base_s=10, cap_s=10, rng=random.Random(7))
    pauses = [backoff.pause() for _ in range(500)]
    assert min(pauses) < 0.5
    assert max(pauses) > 9.5


def test_only_a_stable_connection_resets() -> None:
    backoff = Backoff(rng=Highest())
    for _ in range(4):
        backoff.pause()
    assert backoff.pause(lived_s=29.9) == 8, "it broke too soon to count as a success"
    assert backoff.pause(lived_s=30.0) == 0.5
    assert backoff.pause() == 1


def test_years_of_attempts_do_not_overflow() -> None:
    assert Backoff(attempts=10**6, rng=Highest()).pause() == 30
