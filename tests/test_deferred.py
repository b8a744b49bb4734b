"""A deferred dataclass is the standard library's, made later."""

import copy
import dataclasses
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, field, fields, is_dataclass, replace
from threading import Barrier, Thread
from typing import Any, ClassVar

import pytest

from kassd import deferred
from kassd.core.state import Station
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A frozen one with a default and a class variable."""

    unit: ClassVar[str] = "mm"
    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Point):
    """One that inherits."""

    name: str = "?"


@dataclasses.dataclass(frozen=True, slots=True)
class Ready(Point):
    """One of the standard library that inherits from a deferred one."""

    z: int = 3


@dataclass(slots=True)
class Box:
    """One that may change."""

    width: int


def _made(**options: Any) -> type:
    @dataclass(**options)
    class Made:
        a: int
        b: str = "b"

    return Made


def _is_complete(cls: type) -> bool:
    return not isinstance(cls.__dict__["__init__"], deferred._Deferred)


def test_nothing_is_written_before_the_first_use() -> None:
    made = _made(frozen=True, slots=True)
    assert not _is_complete(made)
    assert (made(1).a, made(1).b) == (1, "b")
    assert _is_complete(made)


@pytest.mark.parametrize("look", [fields, is_dataclass, lambda cls: cls.__match_args__, lambda cls: cls(1)])
def test_every_first_look_completes_the_class(look: Any) -> None:
    made = _made(slots=True)
    look(made)
    assert _is_complete(made)
    assert [f.name for f in fields(made)] == ["a", "b"]


def test_values_defaults_and_slots() -> None:
    point = Point(1)
    assert (point.x, point.y, point.tags, Point.unit) == (1, 2, [], "mm")
    assert point.tags is not Point(1).tags
    assert not hasattr(point, "__dict__")
    assert Point.__slots__ == ("x", "y", "tags")
    assert Named.__slots__ == ("name",)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        Point()


def test_comparing_showing_and_replacing() -> None:
    assert Point(1) == Point(1) != Point(2)
    assert repr(Point(1)) == "Point(x=1, y=2, tags=[])"
    assert replace(Point(1), y=5) == Point(1, 5)
    assert Point(1) != Named(1)
    match Point(7):
        case Point(x, y):
            assert (x, y) == (7, 2)


def test_what_compares_and_shows_is_written_when_asked_for() -> None:
    @dataclass(frozen=True, slots=True)
    class Made:
        a: int
        secret: str = field(default="s", repr=False)
        at: int = field(default=0, compare=False)

    def waiting() -> set[str]:
        return {name for name, value in vars(Made).items() if isinstance(value, deferred._Deferred)}

    one = Made(1, at=5)
    assert waiting() == {"__eq__", "__hash__", "__repr__"}
    assert one == Made(1, at=6)
    assert not waiting()
    assert one != Made(1, "t")
    assert hash(one) == hash(Made(1))
    assert repr(one).endswith("Made(a=1, at=5)")
    assert len({Made(1), Made(1, at=2), Made(2)}) == 2


@pytest.mark.parametrize("first", [hash, repr, lambda point: point == Point(1)])
def test_whichever_is_asked_for_first(first: Any) -> None:
    made = _made(frozen=True)
    first(made(1))
    assert (made(1), hash(made(1))) == (made(1), hash(made(1)))
    assert repr(made(1)) == f"{made.__qualname__}(a=1, b='b')"


@pytest.mark.parametrize("options", [{}, {"frozen": True}, {"eq": False}, {"repr": False}])
def test_as_the_standard_library_has_it(options: dict[str, Any]) -> None:
    class Plain:
        a: int

    class Equal:
        a: int

        def __eq__(self, other: object) -> bool:
            return True

    class Hashed:
        a: int

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "seven"

    for cls in (Plain, Equal, Hashed):
        ours, theirs = dataclass(cls, **options), dataclasses.dataclass(cls, slots=True, **options)
        mine, other = ours(1), theirs(1)
        assert ours.__dataclass_params__.eq == options.get("eq", True)
        assert (mine == ours(1)) == (other == theirs(1))
        assert (ours.__hash__ is None) == (theirs.__hash__ is None)
        if ours.__hash__ is not None:
            assert (hash(mine) == hash(ours(1))) == (hash(other) == hash(theirs(1)))
        assert repr(mine).split(" at ")[0] == repr(other).split(" at ")[0]


def test_inheritance_in_both_directions() -> None:
    assert Named(1, name="n") == Named(1, 2, [], name="n")
    assert [f.name for f in fields(Named)] == ["x", "y", "tags", "name"]
    assert Ready(1).z == 3
    assert isinstance(Ready(1), Point)


def test_frozen_is_frozen_and_the_other_is_not() -> None:
    with pytest.raises(FrozenInstanceError):
        Point(1).x = 2  # type: ignore[misc]
    box = Box(1)
    box.width = 2
    assert box == Box(2)
    with pytest.raises(TypeError, match="unhashable"):
        hash(box)


@dataclasses.dataclass(frozen=True)
class Checked:
    """One whose instances are more than their fields."""

    a: int
    b: int = 2
    double: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "double", 2 * self.a)


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (Point(1, tags=["a"]), {"x": 5}),
        (Point(1), {}),
        (Point(1), {"x": 3, "y": 4, "tags": ["b"]}),
        (Named(1, name="n"), {"y": 7, "name": "m"}),
        (Ready(4), {"z": 9}),
        (Box(1), {"width": 2}),
        (Checked(1), {"a": 4}),
        (Station("main"), {"current": "1-2"}),
    ],
)
def test_replace_is_that_of_the_standard_library(value: Any, changes: dict[str, Any]) -> None:
    before = copy.deepcopy(value)
    changed = deferred.replace(value, **changes)
    assert changed == replace(value, **changes)
    assert type(changed) is type(value)
    assert changed is not value
    assert value == before
    with pytest.raises((TypeError, AttributeError)):
        deferred.replace(value, nothing_of_it=1)


@pytest.mark.parametrize("value", [Point(1, tags=["a"]), Named(1, name="n"), Ready(4), Box(1)])
def test_copies_and_pickles(value: Any) -> None:
    assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(value)) == value


def test_another_process_can_read_the_pickle_before_it_has_made_one() -> None:
    code = "import pickle, sys; print(pickle.loads(bytes.fromhex(sys.argv[1])))"
    given = pickle.dumps(Station("main")).hex()
    ran = subprocess.run([sys.executable, "-c", code, given], capture_output=True, text=True, check=True)
    assert ran.stdout == f"{Station('main')!r}\n"


def test_threads_that_are_first_together() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        _race()
    finally:
        sys.setswitchinterval(interval)


def _race() -> None:
    for _ in range(200):
        made, barrier, seen = _made(frozen=True, slots=True), Barrier(4), []

        def first(made: Any = made, barrier: Barrier = barrier, seen: list[Any] = seen) -> None:
            barrier.wait()
            seen.append(made(1, "c"))

        threads = [Thread(target=first) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [made(1, "c")] * 4


def test_an_init_of_ones_own_is_refused() -> None:
    with pytest.raises(TypeError, match="its own __init__"):

        @dataclass(slots=True)
        class Own:
            a: int

            def __init__(self) -> None:
                self.a = 1
