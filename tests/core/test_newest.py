"""What is kept of a function, and when it is asked again."""

import threading

import pytest

from kassd.core.newest import newest


def test_the_same_arguments_are_asked_for_once() -> None:
    asked = []

    @newest
    def length(lines: list[int], wide: bool) -> int:
        asked.append((lines, wide))
        return len(lines)

    first, equal = [1, 2], [1, 2]
    assert [length(first, True), length(first, True)] == [2, 2]
    assert asked == [(first, True)]
    length(equal, True)
    assert len(asked) == 2, "equal is not the same"
    length(equal, False)
    length(first, True)
    assert len(asked) == 4, "only the newest is kept"


def test_what_is_not_compared_is_refused() -> None:
    @newest
    def length(lines: list[int], wide: bool) -> int:
        return len(lines)

    with pytest.raises(TypeError, match="positional arguments only"):
        length([], wide=True)


def test_what_fails_is_not_kept() -> None:
    fails = [True]

    @newest
    def value(one: str) -> str:
        if fails:
            raise ValueError(fails.pop())
        return one

    try:
        value("a")
    except ValueError:
        assert value("a") == "a"
    else:
        raise AssertionError("it does not fail")


def test_threads_do_not_get_each_others() -> None:
    @newest
    def own(one: list[int]) -> int:
        return id(one)

    wrong = []

    def ask() -> None:
        mine = [0]
        wrong.extend(1 for _ in range(20_000) if own(mine) != id(mine))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
