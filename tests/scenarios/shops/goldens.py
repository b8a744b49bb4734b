"""The golden days; ``python -m tests.scenarios.shops.goldens`` writes them anew.

For each shop: ``day.txt``, every slip of the day as printed; ``z.json``, the closing as the journal has it;
and the pictures of the slips the day has chosen. Look at the difference before you commit it.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from kassd.receipt.png import png
from tests.scenarios.shops import bakery, bar, food_truck, gift_shop, kiosk, second_hand
from tests.scenarios.shops.day import COLUMNS, Day

FOLDER = Path(__file__).parents[2] / "golden" / "shops"
SHOPS: dict[str, Callable[[], Day]] = {
    "bakery": bakery.play,
    "bar": bar.play,
    "food_truck": food_truck.play,
    "gift_shop": gift_shop.play,
    "kiosk": kiosk.play,
    "second_hand": second_hand.play,
}
CUT = "✂" + " -" * ((COLUMNS - 1) // 2)


def texts(day: Day) -> Iterator[tuple[str, bytes]]:
    """What is compared byte for byte."""
    yield "day.txt", f"{CUT}\n".join(day.texts()).encode()
    yield "z.json", (json.dumps(day.z_data(), ensure_ascii=False, indent=1) + "\n").encode()


def pictures(day: Day) -> Iterator[tuple[str, bytes]]:
    """The chosen slips as PNG."""
    for name, (document, late) in day.chosen.items():
        yield f"{name}.png", png(document, COLUMNS, late=late)


def main() -> None:
    """Write every file; remove those that nobody makes any more."""
    count = 0
    for shop, play in SHOPS.items():
        folder = FOLDER / shop
        folder.mkdir(parents=True, exist_ok=True)
        day = play()
        wanted = dict([*texts(day), *pictures(day)])
        for path in folder.iterdir():
            if path.name not in wanted:
                path.unlink()
        for name, data in wanted.items():
            (folder / name).write_bytes(data)
        count += len(wanted)
    print(f"{count} files in {FOLDER}", file=sys.stderr)


if __name__ == "__main__":
    main()
