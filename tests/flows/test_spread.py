import pytest

from asklepion.core.errors import BadInput
from asklepion.flows.spread import spread


def halved(number: int) -> int:
    """The work: half of an even number."""
    if number % 2:
        raise BadInput(f"{number} is odd.", where="the test", remedy="Give an even one.")
    return number // 2


def test_the_same_answers_in_this_process_and_on_two_workers():
    items = [8, 2, 3, 10]
    here = dict(spread(halved, items))
    there = dict(spread(halved, items, workers=2))
    assert sorted(here) == sorted(there) == [0, 1, 2, 3]
    for found in (here, there):
        assert [found[place] for place in (0, 1, 3)] == [4, 1, 5]
        assert isinstance(found[2], BadInput)
        assert str(found[2]).startswith("the test: 3 is odd.")


def test_a_cluster_that_is_there_gives_the_same():
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster:
        assert dict(spread(halved, [4, 6], scheduler=cluster.scheduler_address)) == {0: 2, 1: 3}


def test_a_scheduler_that_is_not_there_is_said():
    with pytest.raises(BadInput, match=r"No scheduler answers.*dask scheduler"):
        list(spread(halved, [4], scheduler="no-address"))


def test_leaving_the_loop_leaves_the_rest_undone():
    done = []

    def kept(number: int) -> int:
        done.append(number)
        return number

    for _place, _answer in spread(kept, [1, 2, 3]):
        break
    assert done == [1]
