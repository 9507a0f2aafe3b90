"""Ctrl-C ends a step first; who presses twice does not want to wait."""

import signal
import threading

import pytest

from cyclorama.detect.training.interrupt import delayed_interrupt


def test_one_press_is_noted_and_a_second_interrupts_at_once():
    with delayed_interrupt() as interrupted:
        assert not interrupted()
        signal.raise_signal(signal.SIGINT)
        assert interrupted()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_afterwards_ctrl_c_is_what_it_was():
    before = signal.getsignal(signal.SIGINT)
    with delayed_interrupt():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyError), delayed_interrupt():
        raise KeyError
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_where_signals_never_come_it_changes_nothing():
    before, told = signal.getsignal(signal.SIGINT), []

    def work():
        with delayed_interrupt() as interrupted:
            told.append((interrupted(), signal.getsignal(signal.SIGINT) is before))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert told == [(False, True)]
