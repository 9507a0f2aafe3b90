"""What wear does to a surface, whichever engine shows it.

Paint comes off along sharp edges: a place is worn where its distance to the nearest edge, in widths, is less than
REACH times the map's blue times the strength. There the surface is lighter, and rough.

A wear map's red is by how much a place has lost its gloss, its green how much of it dust covers; both times the
surface's strength. What has lost its gloss tends to one roughness; dust is matt, opaque and of one colour.
"""

WORN_ROUGHNESS = 0.65
DUST_COLOR = (0.36, 0.33, 0.29)
EDGE_COLOR, EDGE_COVER, EDGE_ROUGHNESS = (0.6, 0.58, 0.55), 0.8, 0.55
# Of the diameter; how many of them are worn at most; how many levels per width from worn to not.
EDGE_WIDTH, EDGE_REACH, EDGE_SHARPNESS = 0.01, 3.0, 4.0
