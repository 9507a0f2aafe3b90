"""How far open the joints of a model are, which its id tells."""

import re

from cyclorama.core.joints import Shares
from cyclorama.core.library import LEVEL_MARK

# What an id ends with that names a configuration: "cabinet-3fa2b1c4d5~joint0=0.31,joint2=1.0".
_SHARE = r"-?\d\.\d+"
_WRITTEN = re.compile(rf"(?P<base>.+){LEVEL_MARK}(?P<shares>joint\d+={_SHARE}(,joint\d+={_SHARE})*)", re.DOTALL)
# Ids hold no more decimals than this, and neither do configurations.
DECIMALS = 4


def posed_id(id: str, shares: Shares) -> str:
    """Id of a model whose joints are open by shares of their ways; the model's own if none is."""
    rounded = {index: round(float(share), DECIMALS) for index, share in sorted(shares.items())}
    told = ",".join(f"joint{index}={share!r}" for index, share in rounded.items() if share)
    return f"{id}{LEVEL_MARK}{told}" if told else id


def id_and_shares(id: str) -> tuple[str, Shares]:
    """The model's id and the shares that ``posed_id`` put together."""
    found = _WRITTEN.fullmatch(id)
    if found is None:
        return id, {}
    pairs = (part.removeprefix("joint").split("=") for part in found["shares"].split(","))
    return found["base"], {int(index): float(share) for index, share in pairs}
