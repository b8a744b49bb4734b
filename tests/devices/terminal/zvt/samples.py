"""Messages for tests: the specification's own examples, real ones with other numbers, the vectors' folder."""

import os
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st

from kassd.devices.terminal.zvt.tlv import Tlv

SOAK = os.environ.get("SOAK") == "1"
FUZZ = settings(max_examples=2_000 if SOAK else 150, deadline=None)
RELAXED = settings(max_examples=60, deadline=None)
VECTORS = Path(__file__).resolve().parents[5] / "shared" / "vectors" / "zvt"
REGISTRATION = bytes.fromhex("06000E123456BE0978060626040A0206D3")
COMPLETION = bytes.fromhex("060F0A19002930010207490978")
ABORTED = bytes.fromhex("061E016C")
# A paid girocard: 20.40 €, contactless, with the texts and tags that terminals in the field send.
PAID = bytes.fromhex(
    "040F94"
    "2700 04000000002040 0B000470 0C223953 0D1006 0E2512 170001 1970"
    "22F0F8EEEEEEEEEEEE4711 2930010207 2A313030343631373633202020202020 3B3631313830340000"
    "3CF0F1F447454E2E4E522E3A363131383034 490978 870470 88000470 8A05 8BF0F96769726F6361726400"
    "0623 2410070E47454E2E4E522E3A363131383034 4307A0000003591010 1F100102 1F120102"
)


def recorded() -> list[bytes]:
    """What real terminals sent, and what other libraries test with; the folder must be there."""
    lines = (VECTORS / "apdu-vectors.tsv").read_text(encoding="utf-8").splitlines()
    rows = [bytes.fromhex(line.split("\t")[2]) for line in lines if not line.startswith("#")]
    return [path.read_bytes() for path in sorted(VECTORS.glob("*.hex"))] + rows


def _primitive(number: int) -> bool:
    return number & 0x20 == 0 and number & 0x1F != 0x1F


tags = st.one_of(
    st.integers(0, 0xFF).filter(_primitive), st.integers(0x1F00, 0x1F7F), st.integers(0x9F00, 0x9F7F)
)
containers = st.integers(0, 0xFF).filter(lambda number: number & 0x20 != 0 and number & 0x1F != 0x1F)
leaves = st.builds(Tlv, tags, st.binary(max_size=300))
objects = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda tag, parts: Tlv(tag, parts=tuple(parts)), containers, st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)
