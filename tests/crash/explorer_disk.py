"""A disk in memory that remembers every operation, and the states a power cut may leave of it.

``RecordedDisk`` is a ``Files``: it does what it is told and keeps a log. ``crash_state`` plays a prefix of
that log on a medium that may, until something is synced, keep, lose, reorder or tear it at 512 bytes, and
may turn the ``blast`` bytes around a write that was under way into garbage. As on Linux ``fsync`` makes all
of its file durable, a write with ``O_DSYNC`` only its own bytes and the size by which they are found: what
was written before beside them, through whichever handle, stays uncertain. Names behave likewise: created,
renamed and deleted names are certain only after ``fsync_dir``; a rename is atomic; operations on names become
durable in their order (as in any journalling file system).
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Op:
    """One call. ``file`` is the identity of a file, which a rename does not change."""

    kind: str
    path: str = ""
    target: str = ""
    file: int = -1
    data: bytes = b""
    offset: int = 0
    synced: bool = False
    ack: int = -1


@dataclass(slots=True)
class Image:
    """Content of a medium: names and the files they lead to."""

    names: dict[str, int] = field(default_factory=dict)
    files: dict[int, bytearray] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def copy(self) -> "Image":
        return Image(
            dict(self.names),
            {number: bytearray(data) for number, data in self.files.items()},
            set(self.folders),
        )


class RecordedDisk:
    """A ``Files`` in memory with a log. Defects can be switched on to see whether the tests notice.

    ``defects``: ``no_dsync``, ``no_fsync``, ``no_fsync_of_padding``, ``no_fsync_dir``,
    ``no_fsync_dir_of_segments``. ``fail`` is asked before each operation: it may raise, or return how many
    bytes of a write arrive before it fails.
    """

    def __init__(self, image: Image | None = None, defects: Iterable[str] = ()) -> None:
        self.start = (image or Image()).copy()
        self.image = self.start.copy()
        self.log: list[Op] = []
        self.defects = set(defects)
        self.handles: dict[int, tuple[int, bool]] = {}
        self._next = max(self.image.files, default=0) + 1
        self._handle = 10
        self.calls = 0
        self.fail = self._never

    def _never(self, _number: int, _op: Op) -> int | None:
        return None

    def _do(self, op: Op) -> None:
        """Log and apply one operation, or fail with or without a part of it done."""
        number, self.calls = self.calls, self.calls + 1
        part = self.fail(number, op)
        if part is not None:
            op = Op("write", file=op.file, data=op.data[:part], offset=op.offset, synced=False)
        self.log.append(op)
        apply(self.image, op)
        if part is not None:
            raise OSError(5, "short write")

    def ack(self, seq: int) -> None:
        """Mark that the lines up to ``seq`` were acknowledged here."""
        self.log.append(Op("ack", ack=seq))

    def mkdir(self, path: Path) -> None:
        if str(path) not in self.image.folders:
            self._do(Op("mkdir", str(path)))

    def list(self, path: Path) -> list[str]:
        folder = f"{path}/"
        names = [*self.image.names, *self.image.folders]
        return sorted(n[len(folder) :] for n in names if n.startswith(folder) and "/" not in n[len(folder) :])

    def size(self, path: Path) -> int:
        return len(self._bytes(path))

    def read(self, path: Path, offset: int = 0, length: int = -1) -> bytes:
        data = self._bytes(path)
        return bytes(data[offset:] if length < 0 else data[offset : offset + length])

    def _bytes(self, path: Path) -> bytearray:
        if str(path) not in self.image.names:
            raise FileNotFoundError(2, "no such file", str(path))
        return self.image.files[self.image.names[str(path)]]

    def open(self, path: Path, *, create: bool = False, dsync: bool = False, mode: int = 0o600) -> int:
        name = str(path)
        if name not in self.image.names:
            if not create:
                raise FileNotFoundError(2, "no such file", name)
            number, self._next = self._next, self._next + 1
            self._do(Op("create", name, file=number))
        elif create:
            self._do(Op("truncate", file=self.image.names[name], offset=0))
        self._handle += 1
        self.handles[self._handle] = (self.image.names[name], dsync and "no_dsync" not in self.defects)
        return self._handle

    def pwrite(self, handle: int, data: bytes, offset: int) -> None:
        number, synced = self.handles[handle]
        self._do(Op("write", file=number, data=bytes(data), offset=offset, synced=synced))

    def truncate(self, handle: int, size: int) -> None:
        self._do(Op("truncate", file=self.handles[handle][0], offset=size))

    def fsync(self, handle: int) -> None:
        padding = bool(self.log) and self.log[-1].kind == "write" and not self.log[-1].data.strip()
        skipped = padding and "no_fsync_of_padding" in self.defects
        if "no_fsync" not in self.defects and not skipped:
            self._do(Op("fsync", file=self.handles[handle][0]))

    def close(self, handle: int) -> None:
        self.handles.pop(handle, None)

    def chmod(self, path: Path, mode: int) -> None:
        self._bytes(path)

    def rename(self, source: Path, target: Path) -> None:
        self._bytes(source)
        self._do(Op("rename", str(source), str(target)))

    def unlink(self, path: Path) -> None:
        self._bytes(path)
        self._do(Op("unlink", str(path)))

    def fsync_dir(self, path: Path) -> None:
        renamed = self.log[-1].target if self.log else ""
        skipped = "no_fsync_dir_of_segments" in self.defects and renamed.endswith(".jsonl")
        if "no_fsync_dir" not in self.defects and not skipped:
            self._do(Op("fsync_dir", str(path)))

    def free(self, path: Path) -> int:
        return 1 << 40

    def is_at(self, handle: int, path: Path) -> bool:
        return self.image.names.get(str(path)) == self.handles[handle][0]

    def place(self, handle: int) -> Path | None:
        places = [name for name, file in self.image.names.items() if file == self.handles[handle][0]]
        return Path(places[0]) if places else None

    def content(self, handle: int) -> bytes:
        return bytes(self.image.files[self.handles[handle][0]])

    def lock(self, path: Path) -> int:
        self._handle += 1
        return self._handle


def apply(image: Image, op: Op) -> None:
    """Carry out one operation."""
    if op.kind == "write":
        data = image.files[op.file]
        if len(data) < op.offset:
            data.extend(bytes(op.offset - len(data)))
        data[op.offset : op.offset + len(op.data)] = op.data
    elif op.kind == "truncate":
        data = image.files[op.file]
        del data[op.offset :]
        data.extend(bytes(op.offset - len(data)))
    elif op.kind == "create":
        image.names[op.path] = op.file
        image.files[op.file] = bytearray()
    elif op.kind == "rename":
        image.names[op.target] = image.names.pop(op.path)
    elif op.kind == "unlink":
        image.names.pop(op.path, None)
    elif op.kind == "mkdir":
        image.folders.add(op.path)


def crash_state(disk: RecordedDisk, cut: int, chance: random.Random, blast: int = 0) -> Image:
    """What may be on the medium when power goes during operation ``cut`` of the log (0 … len(log)).

    Operations before ``cut`` have returned; ``cut`` itself, if there is one, may have happened in part.
    """
    image = disk.start.copy()
    waiting: list[Op] = []  # happened, not yet certain
    for op in disk.log[:cut]:
        if op.kind == "fsync":
            sure = [w for w in waiting if w.file == op.file and w.kind in ("write", "truncate")]
            # Syncing a file does not make its name certain (the journal must not rely on that).
            _settle(image, sure)
            waiting = [w for w in waiting if w not in sure]
        elif op.kind == "write" and op.synced:
            waiting = [left for w in waiting for left in _beside(image, w, op)]
            image.files.setdefault(op.file, bytearray())
            apply(image, op)
        elif op.kind == "fsync_dir":
            sure = [w for w in waiting if w.kind in ("create", "rename", "unlink", "mkdir")]
            _settle(image, sure)
            waiting = [w for w in waiting if w not in sure]
        elif op.kind in ("write", "truncate"):
            image.files.setdefault(op.file, bytearray())
            waiting.append(op)
        elif op.kind != "ack":
            image.files.setdefault(op.file, bytearray()) if op.kind == "create" else None
            waiting.append(op)
    flying = list(waiting)
    if cut < len(disk.log) and disk.log[cut].kind not in ("ack", "fsync", "fsync_dir"):
        flying.append(disk.log[cut])
    _keep_some(image, flying, chance)
    if blast:
        _blast(image, [op for op in flying if op.kind == "write"], chance, blast)
    return image


def _beside(image: Image, earlier: Op, synced: Op) -> list[Op]:
    """What of an earlier operation is still uncertain once ``synced`` is durable. What it has overwritten can
    no longer arrive; a size that would hide it is settled with it."""
    if earlier.file != synced.file or earlier.kind not in ("write", "truncate"):
        return [earlier]
    begin, end = synced.offset, synced.offset + len(synced.data)
    if earlier.kind == "truncate":
        if earlier.offset >= end:
            return [earlier]
        apply(image, earlier)
        return []
    before = earlier.data[: max(0, begin - earlier.offset)]
    behind = earlier.data[max(0, end - earlier.offset) :]
    pieces = (before, earlier.offset), (behind, earlier.offset + len(earlier.data) - len(behind))
    return [replace(earlier, data=data, offset=offset) for data, offset in pieces if data]


def _settle(image: Image, ops: list[Op]) -> None:
    for op in ops:
        if op.kind == "create":
            image.files.setdefault(op.file, bytearray())
            image.names[op.path] = op.file
        elif op.kind != "rename" or op.path in image.names:
            apply(image, op)


def _keep_some(image: Image, flying: list[Op], chance: random.Random) -> None:
    """Names keep a prefix of their operations; contents any subset of sectors in any order."""
    names = [op for op in flying if op.kind in ("create", "rename", "unlink", "mkdir")]
    _settle(image, names[: chance.randint(0, len(names))])
    contents = [op for op in flying if op.kind in ("write", "truncate")]
    style = chance.random()
    if style < 0.2:
        contents = []
    elif style < 0.7:
        contents = [op for op in contents if chance.random() < 0.5]
    if chance.random() < 0.5:
        chance.shuffle(contents)
    for op in contents:
        image.files.setdefault(op.file, bytearray())
        if op.kind == "truncate" or chance.random() < 0.4:
            apply(image, op)
        else:
            _tear(image, op, chance)


def _tear(image: Image, op: Op, chance: random.Random) -> None:
    """Only some sectors of a write arrive: a prefix, a suffix, or any."""
    cuts = [op.offset]
    cuts += range(op.offset - op.offset % SECTOR + SECTOR, op.offset + len(op.data), SECTOR)
    style = chance.randrange(3)
    edge = chance.randint(0, len(cuts))
    for index, begin in enumerate(cuts):
        end = cuts[index + 1] if index + 1 < len(cuts) else op.offset + len(op.data)
        if (index < edge, index >= edge, chance.random() < 0.5)[style]:
            apply(
                image,
                Op("write", file=op.file, data=op.data[begin - op.offset : end - op.offset], offset=begin),
            )


def _blast(image: Image, writes: list[Op], chance: random.Random, size: int) -> None:
    """With p = 0.5 one ``size``-aligned block that a write under way touches turns to garbage."""
    if not writes or chance.random() < 0.5:
        return
    op = chance.choice(writes)
    if not op.data:
        return
    block = chance.randint(op.offset // size, (op.offset + len(op.data) - 1) // size)
    data = image.files[op.file]
    begin, end = block * size, min((block + 1) * size, len(data))
    if begin < end:
        data[begin:end] = chance.randbytes(end - begin)
