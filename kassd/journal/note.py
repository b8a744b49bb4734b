"""Checkpoints: C2SP signed notes (signed-note, tlog-checkpoint) with an Ed25519 key.

``cryptography`` is imported where it is used: a boot that signs nothing yet need not load it.
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterable

from kassd.deferred import dataclass
from kassd.errors import DataError

_ED25519 = b"\1"
_DASH = "\u2014"


class NoteError(DataError):
    """Text that is no checkpoint, or one that the given key did not sign."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``size`` lines of the journal ``origin`` have the Merkle root ``root`` (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The signed text, newline included."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def safe_origin(text: str) -> str:
    """The register's id as an origin and key name: no white space, no ``+``, never empty."""
    origin = re.sub(r"[\s+\x00-\x20]+", "-", text).strip("-")
    if not origin:
        raise NoteError("an origin needs at least one character")
    return origin


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


class Signer:
    """A private key. Its file form is that of other C2SP tools: ``PRIVATE+KEY+<name>+<id>+<base64>``."""

    def __init__(self, name: str, seed: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self.name = name
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = self._key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls, name: str) -> "Signer":
        """A new key from the kernel's random source."""
        return cls(name, os.urandom(32))

    @classmethod
    def load(cls, text: str) -> "Signer":
        """Read the file form; raises :class:`NoteError`."""
        parts = text.strip().split("+", 4)
        try:
            if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
                raise ValueError("expected PRIVATE+KEY+name+id+base64")
            raw = base64.b64decode(parts[4], validate=True)
            if len(raw) != 33 or raw[:1] != _ED25519:
                raise ValueError("not an Ed25519 key")
            signer = cls(parts[2], raw[1:])
            if _key_id(signer.name, signer._public).hex() != parts[3]:
                raise ValueError("key id does not match")
        except (ValueError, binascii.Error) as error:
            raise NoteError(f"key file: {error}") from error
        return signer

    def dump(self) -> str:
        """The file form, one line."""
        key_id = _key_id(self.name, self._public).hex()
        return f"PRIVATE+KEY+{self.name}+{key_id}+{base64.b64encode(_ED25519 + self._seed).decode()}\n"

    @property
    def vkey(self) -> str:
        """The public key as ``<name>+<id>+<base64>``."""
        public = base64.b64encode(_ED25519 + self._public).decode()
        return f"{self.name}+{_key_id(self.name, self._public).hex()}+{public}"

    def sign(self, checkpoint: Checkpoint) -> str:
        """The signed note."""
        text = checkpoint.text()
        blob = _key_id(self.name, self._public) + self._key.sign(text.encode())
        return f"{text}\n{_DASH} {self.name} {base64.b64encode(blob).decode()}\n"


def parse_note(note: str) -> Checkpoint:
    """The checkpoint a note speaks of, its signature unchecked; raises :class:`NoteError`."""
    text, blank, _ = note.rpartition("\n\n")
    lines = text.split("\n")
    if not blank or len(lines) < 3 or not lines[0]:
        raise NoteError("not a checkpoint note")
    if not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]):
        raise NoteError("tree size is no decimal number")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (ValueError, binascii.Error) as error:
        raise NoteError("root hash is no base64") from error
    if len(root) != 32:
        raise NoteError(f"root hash of {len(root)} bytes")
    checkpoint = Checkpoint(lines[0], int(lines[1]), root)
    if checkpoint.text() != text + "\n":
        raise NoteError("not in canonical form")
    return checkpoint


def open_note(note: str, vkey: str) -> Checkpoint:
    """The checkpoint of a note that ``vkey`` signed; raises :class:`NoteError`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    checkpoint = parse_note(note)
    name, key_id, public = _split_vkey(vkey)
    text, _, signatures = note.rpartition("\n\n")
    if not signatures.endswith("\n"):
        raise NoteError("signature line without end")
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch(f"{_DASH} ([^ +]+) ([A-Za-z0-9+/=]+)", line)
        if match is None:
            raise NoteError("malformed signature line")
        try:
            blob = base64.b64decode(match[2], validate=True)
        except (ValueError, binascii.Error) as error:
            raise NoteError("signature is no base64") from error
        if base64.b64encode(blob).decode() != match[2]:
            raise NoteError("signature is no canonical base64")
        if match[1] == name and blob[:4] == key_id:
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(blob[4:], (text + "\n").encode())
            except InvalidSignature as error:
                raise NoteError("signature is wrong") from error
            return checkpoint
    raise NoteError(f"not signed by {name}")


def open_by_any(note: str, vkeys: Iterable[str]) -> Checkpoint:
    """The checkpoint of a note that one of the keys signed; raises :class:`NoteError`."""
    refusal = NoteError("no key to check it with")
    for vkey in vkeys:
        try:
            return open_note(note, vkey)
        except NoteError as error:
            refusal = error
    raise refusal


def _split_vkey(vkey: str) -> tuple[str, bytes, bytes]:
    parts = vkey.split("+", 2)
    try:
        raw = base64.b64decode(parts[2], validate=True)
        if len(raw) != 33 or raw[:1] != _ED25519 or _key_id(parts[0], raw[1:]).hex() != parts[1]:
            raise ValueError("type or key id does not match")
    except (IndexError, ValueError, binascii.Error) as error:
        raise NoteError(f"public key: {error}") from error
    return parts[0], bytes.fromhex(parts[1]), raw[1:]
