"""What is made once is made by one, and no state is waited for that another process could be making."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.lab.sharing import alone, in_order


def test_what_is_made_alone_is_made_once(tmp_path: Path) -> None:
    lock, made = tmp_path / "folder/state.lock", tmp_path / "state"
    makers: list[str] = []

    def make(who: str) -> None:
        with alone(lock):
            if not made.exists():
                makers.append(who)
                time.sleep(0.05)  # the others have come meanwhile
                made.touch()

    threads = [threading.Thread(target=make, args=(who,)) for who in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(makers) == 1


def test_both_states_are_begun_early() -> None:
    needs = {"a": "trading", "b": "trading", "c": "furnished", "d": "", "e": "trading", "f": "furnished"}
    items: list[Any] = [SimpleNamespace(name=name, fixturenames=(state,)) for name, state in needs.items()]
    assert [item.name for item in in_order(items)] == ["d", "a", "b", "c", "f", "e"]
