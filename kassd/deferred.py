"""The standard library's dataclass, its methods written when the class is first used.

Making one dataclass costs half a millisecond: its methods are compiled from text. A register knows hundreds
of facts, arguments and documents; a start uses a third of them, and compares or shows hardly any.
``from kassd.deferred import dataclass`` gives the same classes (always with ``slots``), but
:func:`dataclasses.dataclass` does its work at the first instance or the first look at the fields, and writes
what compares and shows at the first comparison, hash or ``repr``. ``replace`` is the standard library's, too,
only faster: folding a fact into the state is little else.
"""

import dataclasses
from collections import deque
from collections.abc import Callable
from functools import cache, partial
from inspect import get_annotations
from itertools import repeat
from operator import attrgetter
from threading import RLock
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, ClassVar, get_origin

_lock = RLock()
# What every use of such a class asks for first, and what most never ask for, with the option that wants it.
_FIRST = ("__init__", "__match_args__", "__dataclass_fields__", "__dataclass_params__")
_LATER = {"__repr__": "repr", "__eq__": "eq", "__hash__": "eq"}
# Frozen instances are refused by the class itself; the rest is of each class alone.
_NOT_OF_A_TWIN = {"__setattr__", "__delattr__", "__slots__", "__dict__", "__weakref__"}


class _Deferred:
    """Stands where the standard library will put an attribute; a look at it completes the class."""

    __slots__ = ("defaults", "name", "options", "owner")

    def __init__(self, name: str, options: dict[str, Any], defaults: dict[str, Any]) -> None:
        self.name, self.options, self.defaults = name, options, defaults

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner = owner

    def __get__(self, instance: object, cls: type | None = None) -> Any:
        self.complete()
        return getattr(cls if instance is None else instance, self.name)

    def complete(self) -> None:
        """Let the standard library write what is missing, unless another thread just has.

        It makes a twin, whose methods are moved over one by one: who asks meanwhile finds either this, and
        waits, or what is ready.
        """
        with _lock:
            if self.owner.__dict__[self.name] is self:
                (self._compare_and_show if self.name in _LATER else self._begin)()

    def _begin(self) -> None:
        owner = self.owner
        before = {
            name: value
            for name, value in owner.__dict__.items()
            if not isinstance(value, _Deferred | MemberDescriptorType) and name not in _NOT_OF_A_TWIN
        }
        before |= self.defaults
        before["__doc__"] = owner.__doc__ or owner.__name__  # else a signature would be composed for it
        twin: type = type(owner)(owner.__name__, owner.__bases__, dict(before))
        without = dict.fromkeys(_LATER.values(), False)
        made = dict(dataclasses.dataclass(**self.options | without)(twin).__dict__)
        for option in without:
            setattr(made["__dataclass_params__"], option, self.options.get(option, True))
        for name in made.keys() - _NOT_OF_A_TWIN - self.defaults.keys() - _LATER.keys():
            if name not in before or before[name] is not made[name]:
                setattr(owner, name, made[name])

    def _compare_and_show(self) -> None:
        owner = self.owner
        fields = {
            f.name: dataclasses.field(repr=f.repr, hash=f.hash, compare=f.compare)
            for f in dataclasses.fields(owner)
        }
        twin = type(owner.__name__, (), {"__annotations__": dict.fromkeys(fields, object), **fields})
        twin.__qualname__ = owner.__qualname__
        dataclasses.dataclass(init=False, match_args=False, unsafe_hash=True)(twin)
        for name in _LATER:
            if isinstance(owner.__dict__.get(name), _Deferred):
                setattr(owner, name, twin.__dict__[name])


def _refuse(self: Any, name: str, value: Any = None) -> None:
    """As frozen dataclasses do."""
    raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _setstate(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)  # a frozen instance refuses the ordinary way


def _deferred(cls: type, options: dict[str, Any]) -> type:
    """``cls`` made anew with slots, as ``dataclass(slots=True)`` does, and with what is still to come."""
    if "__init__" in cls.__dict__:
        raise TypeError(f"{cls.__qualname__} writes its own __init__: nothing would complete the class")
    kinds: dict[str, Any] = get_annotations(cls)
    own = [name for name, kind in kinds.items() if ClassVar not in (kind, get_origin(kind))]
    namespace = dict(cls.__dict__) | {"__qualname__": cls.__qualname__}
    defaults = {name: namespace.pop(name) for name in own if name in namespace}
    inherited = {slot for base in cls.__mro__[1:-1] for slot in getattr(base, "__slots__", ())}
    namespace["__slots__"] = tuple(name for name in own if name not in inherited)
    for name in ("__dict__", "__weakref__"):
        namespace.pop(name, None)
    if options.get("frozen"):
        namespace.update(__getstate__=_getstate, __setstate__=_setstate)
        namespace.update(__setattr__=_refuse, __delattr__=_refuse)
    for name in (*_FIRST, *_later(namespace, options)):
        namespace[name] = _Deferred(name, options, defaults)
    return type(cls)(cls.__name__, cls.__bases__, namespace)


def _later(namespace: dict[str, Any], options: dict[str, Any]) -> list[str]:
    """Which methods that compare or show the class does not write itself, and wants. One that compares and
    may change has no hash, as with the standard library."""
    if "__eq__" in namespace and namespace.get("__hash__") is None:
        namespace.pop("__hash__", None)  # put there by Python itself
    missing = [name for name, option in _LATER.items() if options.get(option, True) and name not in namespace]
    if "__hash__" in missing and not options.get("frozen"):
        namespace["__hash__"] = None
        missing.remove("__hash__")
    return missing


@cache
def _layout(cls: type) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]] | None:
    """The fields of a class and what reads them all; None where an instance is more than these."""
    fields = dataclasses.fields(cls)
    plain = len(fields) > 1 and all(field.init for field in fields) and not cls.__dictoffset__
    if not plain or hasattr(cls, "__post_init__"):
        return None
    names = tuple(field.name for field in fields)
    return names, attrgetter(*names)


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
else:

    def dataclass(cls: type | None = None, /, **options: Any) -> Any:
        """:func:`dataclasses.dataclass` with ``slots=True``, done when the class is first used."""
        options.pop("slots", None)
        return _deferred(cls, options) if cls else partial(_deferred, options=options)

    def replace(instance: Any, /, **changes: Any) -> Any:
        """:func:`dataclasses.replace` in half its time: copied field by field, not made anew."""
        cls = type(instance)
        layout = _layout(cls)
        if layout is None:
            return dataclasses.replace(instance, **changes)
        names, read = layout
        copy, put = object.__new__(cls), object.__setattr__  # a frozen instance refuses the ordinary way
        deque(map(put, repeat(copy), names, read(instance)), 0)
        for name, value in changes.items():
            put(copy, name, value)
        return copy
