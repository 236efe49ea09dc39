"""Work spread over processes: here, over this machine's cores or over a cluster. The answers are the same anywhere.

A piece of work is a top-level function and one item that can be pickled; what is random in it comes from the item's own
seed, never from which worker it met or when. Where the answers are kept, and what is left to do after a stop, is the
caller's: each answer is given as soon as it is there.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from asklepion.core.errors import BadInput

if TYPE_CHECKING:
    from distributed import Client

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def spread(
    work: Callable[[Item], Answer], items: Sequence[Item], *, workers: int = 1, scheduler: str | None = None
) -> Iterator[tuple[int, Answer | Exception]]:
    """Yield (place of the item, its answer or the exception that it ended in) in the order in which they end.

    One worker and no scheduler: in this process, one after the other. More workers: processes on this machine, one
    thread each. A scheduler (`tcp://host:port`): a Dask cluster that runs the same version of this program. Leaving
    the loop cancels what has not begun. Raises BadInput where Dask is missing or the scheduler does not answer.
    """
    if scheduler is None and workers <= 1:
        for place, item in enumerate(items):
            yield place, _tried(work, item)
        return
    with _client(workers, scheduler) as client:
        yield from _gathered(client, work, items)


def _tried(work: Callable[[Item], Answer], item: Item) -> Answer | Exception:
    try:
        return work(item)
    except Exception as error:  # one bad piece must not end the rest
        return error


def _gathered(
    client: "Client", work: Callable[[Item], Answer], items: Sequence[Item]
) -> Iterator[tuple[int, Answer | Exception]]:
    from distributed import as_completed

    futures = client.map(_tried, [work] * len(items), items, pure=False)
    places = {future.key: place for place, future in enumerate(futures)}
    try:
        for future in as_completed(futures):
            found = future.exception() if future.status != "finished" else future.result()
            yield places[future.key], found
    finally:
        client.cancel(futures)


@contextmanager
def _client(workers: int, scheduler: str | None) -> Iterator["Client"]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        remedy = "Install `asklepion[research]`, or leave out --workers and --scheduler."
        raise BadInput("Dask is not installed.", where="--workers", remedy=remedy) from error
    if scheduler is None:
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address=None,
                host="127.0.0.1",
                silence_logs=logging.CRITICAL,  # a stop is no fault, and what went wrong comes as an exception
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    with _reached(Client, scheduler) as client:
        yield client


def _reached(client: Any, scheduler: str) -> "Client":
    try:
        found: Client = client(scheduler, timeout="10s")
    except (OSError, ValueError) as error:
        remedy = "Start it with `dask scheduler`, and give its address as tcp://host:port."
        raise BadInput(f"No scheduler answers: {error}.", where="--scheduler", remedy=remedy) from error
    return found
