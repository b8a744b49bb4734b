"""A list that does not grow in memory: a long closing period's receipts wait here for their closing."""

import pickle
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Generic, TypeVar

T = TypeVar("T")
IN_MEMORY = 500


class Spool(Generic[T]):
    """Append, then read as often as wanted. What exceeds :data:`IN_MEMORY` items lies in an unnamed file,
    that this process alone can read."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._in_memory = in_memory
        self._items: list[T] = []
        self._file: IO[bytes] | None = None
        self._count = 0

    def append(self, item: T) -> None:
        """Keep one more."""
        self._items.append(item)
        self._count += 1
        if len(self._items) >= self._in_memory:
            if self._file is None:
                self._file = TemporaryFile(prefix="kassd-")  # noqa: SIM115  closed by close()
            for one in self._items:
                pickle.dump(one, self._file, protocol=5)
            self._items.clear()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        if self._file is not None:
            self._file.seek(0)
            for _ in range(self._count - len(self._items)):
                yield pickle.load(self._file)
        yield from self._items

    def close(self) -> None:
        """Forget everything."""
        if self._file is not None:
            self._file.close()
        self._items, self._file, self._count = [], None, 0
