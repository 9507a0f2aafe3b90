"""How far photographs are from renders in a detector's own features."""

from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import FloatArray, IntArray

# Of the features' principal components at most so many are looked at, and never more than a covariance of the images
# at hand can be known in.
MOST_DIMENSIONS = 64
IMAGES_PER_DIMENSION = 4
# Share of the mean variance that is added to each, so that no direction is without any.
RIDGE = 1e-3
DRAWS = 10
FEWEST = 8


@dataclass(frozen=True, eq=False)
class FeatureDistance:
    """Frechet distances of sets of the same size, and each photograph's nearest render.

    Attributes:
        dimensions: Principal components.
        images: In each of the two sets that are held against each other.
        between: Photographs and renders, mean over draws.
        within_photographs: Photographs and other photographs: as near as can be.
        within_renders: Renders and other renders.
        nearest: (P,) number of the render nearest to each photograph.
        farness: (P,) how far that is, in the median distance of a render from its nearest other render.
        usual_farness: (R,) the same of the renders.
    """

    dimensions: int
    images: int
    between: float
    within_photographs: float
    within_renders: float
    nearest: IntArray
    farness: FloatArray
    usual_farness: FloatArray


def feature_distance(photographs: FloatArray, renders: FloatArray, *, seed: int = 0) -> FeatureDistance | None:
    """Frechet's distance grows as sets shrink, so all three are of halves of the same size; None for under 8 images.

    Args:
        photographs: (P, F) features.
        renders: (R, F).
        seed: Of the draws.
    """
    half = min(len(photographs), len(renders)) // 2
    if half < FEWEST // 2:
        return None
    mine, theirs = _components(photographs, renders, max(1, min(MOST_DIMENSIONS, half // IMAGES_PER_DIMENSION)))
    rng = np.random.default_rng(seed)
    draws = [(rng.permutation(len(mine)), rng.permutation(len(theirs))) for _ in range(DRAWS)]
    nearest, distances = _nearest(mine, theirs)
    _, usual = _nearest(theirs, theirs, other=True)
    unit = max(float(np.median(usual)), 1e-12)
    return FeatureDistance(
        dimensions=mine.shape[1],
        images=half,
        between=float(np.mean([frechet(mine[a[:half]], theirs[b[:half]]) for a, b in draws])),
        within_photographs=float(np.mean([frechet(mine[a[:half]], mine[a[half : 2 * half]]) for a, _ in draws])),
        within_renders=float(np.mean([frechet(theirs[b[:half]], theirs[b[half : 2 * half]]) for _, b in draws])),
        nearest=nearest,
        farness=distances / unit,
        usual_farness=usual / unit,
    )


def frechet(mine: FloatArray, theirs: FloatArray) -> float:
    """Squared distance of two normal distributions that are fitted to (N, D) and (M, D) points.

    Source: Dowson and Landau, The Frechet Distance between Multivariate Normal Distributions, 1982; Heusel et al., GANs
    Trained by a Two Time-Scale Update Rule, 2017.
    """
    means = mine.mean(axis=0) - theirs.mean(axis=0)
    first, second = _covariance(mine), _covariance(theirs)
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    shared = np.sqrt(np.clip(np.linalg.eigvalsh(root @ second @ root), 0, None)).sum()
    return float(max(0.0, means @ means + np.trace(first) + np.trace(second) - 2 * shared))


def _covariance(points: FloatArray) -> FloatArray:
    found = np.atleast_2d(np.cov(points, rowvar=False))
    size = len(found)
    return found + RIDGE * max(float(np.trace(found)), 1e-12) / size * np.eye(size)


def _components(mine: FloatArray, theirs: FloatArray, dimensions: int) -> tuple[FloatArray, FloatArray]:
    """The first principal components of both together, each feature first brought to variance 1."""
    every = np.concatenate([mine, theirs]).astype(float)
    spread = every.std(axis=0)
    every = (every - every.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    _, _, axes = np.linalg.svd(every, full_matrices=False)
    points = every @ axes[:dimensions].T
    return points[: len(mine)], points[len(mine) :]


def _nearest(mine: FloatArray, theirs: FloatArray, *, other: bool = False) -> tuple[IntArray, FloatArray]:
    """Nearest of ``theirs`` to each of ``mine``; of another number where ``other``."""
    squares = (mine**2).sum(axis=1)[:, None] + (theirs**2).sum(axis=1)[None] - 2 * mine @ theirs.T
    distances = np.sqrt(np.clip(squares, 0, None))
    if other:
        np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(axis=1)
    return nearest, distances[np.arange(len(mine)), nearest]
