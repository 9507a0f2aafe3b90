"""What all tests need."""

import signal


def pytest_configure():
    """Let Ctrl-C through: a shell's background jobs and their children ignore it, and some tests press it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
