"""A hub that is a folder, for detectors that take weights from it."""

import pytest

# A proxy that nobody runs: no name is looked up and nothing leaves this machine.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The hub's folder of checkpoints, and no way to the hub itself."""
    import torch

    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, NOWHERE)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    before = torch.hub.get_dir()
    torch.hub.set_dir(tmp_path / "hub")
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    yield tmp_path / "hub" / "checkpoints"
    torch.hub.set_dir(before)
