"""How big the QR code of a receipt becomes. Pure: no QR library is needed to lay out a slip.

Error correction is M (15 %). DSFinV-K Anhang I recommends a high level *and* at least 3 cm; on a 203 dpi
head the level competes with the module: the 410 bytes of a brainpoolP384r1 receipt need 81 modules at M
and 101 at Q, which on 58 mm paper leaves three dots (0.38 mm) instead of four (0.5 mm) per module. A
module of four dots reads better from thermal paper than a higher level made of three.
"""

LEVEL = "m"
MASK = 2  # any mask is valid; a fixed one saves the search over eight (four fifths of the time)
QUIET = 4  # modules of white around the code (ISO/IEC 18004)
EDGE_DOTS = 240  # 3 cm at 203 dpi; printers with 180 dpi make it larger
MODULE_DOTS = 4  # 0.5 mm

# ISO/IEC 18004 table 7: bytes that versions 1 to 26 hold at level M.
CAPACITY = (
    *(14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666),
    *(711, 779, 857, 911, 997, 1059),
)


def fits(text: str) -> bool:
    """Whether the text fits a code that 58 mm paper can carry with three dots per module."""
    return 0 < len(text.encode()) <= CAPACITY[-1]


def version(text: str) -> int:
    """Return the smallest QR version (1 to 26) that holds the text as bytes at level M.

    Raises:
        ValueError: the text does not fit.
    """
    size = len(text.encode())
    for number, capacity in enumerate(CAPACITY, 1):
        if size <= capacity:
            return number
    raise ValueError(f"{size} bytes do not fit the QR code of a receipt (at most {CAPACITY[-1]})")


def modules(text: str) -> int:
    """Return the modules along one edge, without the quiet zone."""
    return 17 + 4 * version(text)


def module_dots(text: str, width: int) -> int:
    """Return the dots per module so that the edge is at least 3 cm and the code fits ``width`` dots.

    A printer that builds the code itself may choose a version up to two smaller; the edge holds then too.
    """
    edge = modules(text)
    wanted = max(MODULE_DOTS, -(-EDGE_DOTS // max(21, edge - 8)))
    return max(1, min(wanted, width // edge))
