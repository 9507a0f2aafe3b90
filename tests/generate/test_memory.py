"""What a worker gives back."""

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, os
from pathlib import Path
from cyclorama.generate.memory import give_memory_back
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
def resident(): return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
blocks = []
for _ in range(4000):
    blocks.append(ctypes.c_void_p(libc.malloc(60_000)))
    ctypes.memset(blocks[-1], 1, 60_000)
full = resident()
for block in blocks[:-1]:  # The last one keeps the heap from shrinking by itself.
    libc.free(block)
kept = resident()
give_memory_back()
print(full, kept, resident())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's")
def test_free_pages_below_used_ones_are_given_back():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    full, kept, left = (int(n) for n in done.stdout.split())
    assert kept > 0.8 * full
    assert left < 0.6 * full
