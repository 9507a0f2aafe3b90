"""Scenes of layouts, and what tests measure on every vertex of them."""

from functools import cache

import numpy as np
from scipy.spatial import ConvexHull

from cyclorama.core.geometry import transformed
from cyclorama.scene import Recipe, gather, sample_scene

MODELS = ("mug", "bottle", "box", "die")


def recipe_of(kind, orientation="upright", *, models=MODELS, **sections):
    return Recipe.model_validate(
        {
            "targets": [{"model": f"builtin:{m}"} for m in models],
            "image": {"width": 160, "height": 120},
            "objects": {"orientation": orientation, "scale": {"uniform": [0.7, 1.3]}},
            "camera": {"distance_m": {"uniform": [0.6, 1.2]}},
            "distractors": {"count": 3},
            "empty_share": 0,
            **sections,
            "layout": {"kind": kind, **sections.pop("layout", {})},
        }
    )


@cache
def assets_of(kind, models, clutter, cards):
    return gather(recipe_of(kind, models=models, distractors={"models": list(clutter), "cards": cards}))


def scenes_of(recipe, indices, *, seed=0):
    models = tuple(t.model.removeprefix("builtin:") for t in recipe.targets)
    assets = assets_of(recipe.layout.kind, models, tuple(recipe.distractors.models), recipe.distractors.cards)
    return assets.library, [sample_scene(recipe, assets, seed=seed, index=i) for i in indices]


def things(scene):
    return [i for i in scene.instances if i.layer in ("target", "distractor")]


def pieces(scene, part):
    return [i for i in scene.instances if i.layer == "setting" and i.part == part]


def vertices(instance, library, frame=None):
    """In the world, or in another frame."""
    seen_from = np.eye(4) if frame is None else np.linalg.inv(frame)
    return transformed(seen_from @ instance.world_from_model, library.model(instance.model).vertices_m)


def box(points):
    return np.stack([points.min(axis=0), points.max(axis=0)])


def hull_gap_m(a, b):
    """Largest distance by which a line keeps two (N, 2) sets of points apart; negative where they meet."""
    best = -np.inf
    polygons = [p[ConvexHull(p).vertices] for p in (a, b)]
    for polygon in polygons:
        edges = np.roll(polygon, -1, axis=0) - polygon
        normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1) / np.linalg.norm(edges, axis=1)[:, None]
        pa, pb = (p @ normals.T for p in polygons)
        best = max(best, (pb.min(axis=0) - pa.max(axis=0)).max(), (pa.min(axis=0) - pb.max(axis=0)).max())
    return best


def nearest_gap_m(points):
    """Least gap of (N, 3) sets of points: above each other, or as seen from above; inf for fewer than two sets."""
    gaps = [np.inf]
    for n, a in enumerate(points):
        for b in points[:n]:
            above = max(a[:, 2].min() - b[:, 2].max(), b[:, 2].min() - a[:, 2].max())
            gaps.append(above if above >= 0 else hull_gap_m(a[:, :2], b[:, :2]))
    return min(gaps)
