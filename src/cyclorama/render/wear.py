"""What wear does to a surface, whichever engine shows it.

A wear map's red is by how much a place has lost its gloss, its green how much of it dust covers; both times the
surface's strength. What has lost its gloss tends to one roughness; dust is matt, opaque and of one colour.
"""

WORN_ROUGHNESS = 0.65
DUST_COLOR = (0.36, 0.33, 0.29)
