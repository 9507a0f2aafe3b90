"""How long a network takes for an image, measured while it detects."""

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cyclorama.detect.results import Latency

# The first images also pay for memory and for kernels that are chosen on first use.
WARM_UP = 3


class Stopwatch:
    """Times of the network, and from an image's pixels to its detections."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._network_s: list[float] = []
        self._whole_s: list[float] = []
        self._loaded = self._entered = 0.0

    def loaded(self) -> None:
        """An image has been read."""
        self._loaded = time.perf_counter()

    def detected(self) -> None:
        """Its detections are there."""
        self._whole_s.append(time.perf_counter() - self._loaded)

    @contextmanager
    def on(self, network: nn.Module) -> Iterator[None]:
        """Within the block, the network's calls are timed."""
        hooks = network.register_forward_pre_hook(self._enter), network.register_forward_hook(self._leave)
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def latency(self) -> Latency | None:
        """Of what was timed after the first images; None where that is nothing."""
        if len(self._whole_s) <= WARM_UP:
            return None
        return Latency(
            device=device_name(self._device),
            images=len(self._whole_s) - WARM_UP,
            network_ms=_median_and_p90(self._network_s),
            whole_ms=_median_and_p90(self._whole_s),
        )

    def _enter(self, *_: object) -> None:
        self._wait()
        self._entered = time.perf_counter()

    def _leave(self, *_: object) -> None:
        self._wait()
        self._network_s.append(time.perf_counter() - self._entered)

    def _wait(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)


def device_name(device: torch.device) -> str:
    """As its maker calls it, as far as it can be told."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text("utf-8").splitlines() if listed.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    threads = torch.get_num_threads()
    return f"{names[0] if names else platform.machine()}, {threads} {'thread' if threads == 1 else 'threads'}"


def _median_and_p90(seconds: list[float]) -> tuple[float, float]:
    median, late = np.percentile(np.array(seconds[WARM_UP:]) * 1000, [50, 90]).round(2)
    return float(median), float(late)
