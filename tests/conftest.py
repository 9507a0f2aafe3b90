"""What all tests need."""

import os
import signal

# Tests train on thumbnails: more threads than one only wait for each other, for minutes where cores are shared.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_configure():
    """Let Ctrl-C through: a shell's background jobs and their children ignore it, and some tests press it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
