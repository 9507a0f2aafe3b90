"""Pictures and exact geometry of scenes: engines make light, one ray caster makes geometry for all of them."""
