"""Processes for work that takes all cores and waits for nobody: checking, exporting. Never the register."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class _Here:
    """An executor's place where one process is enough."""

    def submit(self, work: Callable[..., T], *given: Any) -> "Future[T]":
        future: Future[T] = Future()
        future.set_result(work(*given))
        return future


@contextmanager
def workers(count: int) -> Iterator[Executor]:
    """An executor of ``count`` processes; up to one, the work is done by the caller, in ``submit``."""
    if count <= 1:
        yield _Here()  # type: ignore[misc] # submit is all that is used
        return
    import multiprocessing  # the register, which verifies as it starts, needs none of this
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")  # a fork could inherit another thread's lock
    with ProcessPoolExecutor(count, mp_context=context, initializer=_leave_with_parent) as pool:
        yield pool


def _leave_with_parent() -> None:
    """A worker ends when its parent is killed; of itself it would wait for work for ever."""
    from multiprocessing import parent_process

    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
