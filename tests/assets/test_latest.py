"""What stays in memory is bounded in bytes, not in number."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cyclorama.assets.latest import Latest, one_at_a_time

SIZES = {"a": 1, "b": 3, "c": 4, "d": 5, "giant": 20}
MOST = 8


def recent_that_fit(asked):
    """Ids of the latest arrays that fit together, the last one in any case."""
    kept, total = [], 0
    for id in dict.fromkeys(reversed(asked)):
        total += SIZES[id]
        if kept and total > MOST:
            break
        kept.append(id)
    return set(kept)


@given(st.lists(st.sampled_from(list(SIZES))))
def test_only_arrays_that_no_longer_fit_beside_those_used_since_are_loaded_again(asked):
    loads, held = [], set()

    def load(id):
        loads.append(id)
        return np.full(SIZES[id], 7, np.uint8)

    latest = Latest(load, most_bytes=MOST)
    for number, id in enumerate(asked, 1):
        before = len(loads)
        assert len(latest(id)) == SIZES[id]
        assert loads[before:] == ([] if id in held else [id])
        held = (held | {id}) & recent_that_fit(asked[:number])


def test_threads_that_ask_at_once_get_one_and_the_same_array():
    loads = []

    def load(id):
        loads.append(id)
        time.sleep(0.01)  # The others come meanwhile.
        return np.full(SIZES[id], 7, np.uint8)

    shared = one_at_a_time(Latest(load, most_bytes=MOST))
    with ThreadPoolExecutor(8) as pool:
        arrays = list(pool.map(shared, "abababab"))
    assert sorted(loads) == ["a", "b"]
    assert len({id(array) for array in arrays}) == 2
