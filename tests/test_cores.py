"""Counting cores, and keeping to one."""

import os

import pytest

from adapt.cores import one_thread, one_torch_thread, usable_cores


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be forbidden here")
def test_cores_that_this_process_may_not_use_are_not_counted():
    allowed = os.sched_getaffinity(0)
    assert usable_cores() == len(allowed)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_one_thread_is_taken_and_the_number_restored_whatever_happens():
    import torch

    def fail():
        with one_torch_thread():
            assert torch.get_num_threads() == 1
            raise KeyError

    before = torch.get_num_threads()
    with pytest.raises(KeyError):
        fail()
    assert torch.get_num_threads() == before


def test_one_thread_is_that_of_linear_algebra_too():
    from threadpoolctl import threadpool_info, threadpool_limits

    def taken():
        return {pool["num_threads"] for pool in threadpool_info()}

    with threadpool_limits(2):
        with one_thread():
            assert taken() == {1}
        assert taken() == {2}
