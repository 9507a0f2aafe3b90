"""Rigid transforms and the pinhole camera, on arrays.

World: right-handed, z up, metres. Camera: x right, y down, z forward (OpenCV, BOP).
``a_from_b`` is a 4x4 matrix with ``p_a = a_from_b @ p_b``.
"""

import numpy as np

from cyclorama.core.arrays import ArrayLike, FloatArray


def look_at(eye_m: ArrayLike, target_m: ArrayLike) -> FloatArray:
    """Pose of a level camera at ``eye_m`` that looks at ``target_m``.

    Args:
        eye_m: (3,) position of the camera in the world, metres.
        target_m: (3,) point that falls on the optical axis, metres.

    Returns:
        (4, 4) world_from_camera.

    Raises:
        ValueError: The two points coincide, or the camera would look straight up or down, where
            "level" has no meaning.
    """
    eye, target = np.asarray(eye_m, float), np.asarray(target_m, float)
    forward = target - eye
    length = np.linalg.norm(forward)
    if length < 1e-12:
        raise ValueError(f"the camera is at the point that it looks at, {tuple(eye)}")
    forward = forward / length
    right = np.cross(forward, [0.0, 0.0, 1.0])
    if np.linalg.norm(right) < 1e-9:
        raise ValueError("the camera looks straight up or down, where 'level' has no meaning")
    right = right / np.linalg.norm(right)
    return rigid(np.stack([right, np.cross(forward, right), forward], axis=1), eye)


def rigid(rotation: ArrayLike, translation_m: ArrayLike) -> FloatArray:
    """(4, 4) transform of a (3, 3) rotation, applied first, and a (3,) translation."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation
    matrix[:3, 3] = translation_m
    return matrix


def rotation_about(axis: ArrayLike, angle_rad: float) -> FloatArray:
    """(3, 3) rotation by the right-hand rule about ``axis`` (3,), any length (Rodrigues' formula)."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(np.asarray(axis, float))
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle_rad) * cross + (1 - np.cos(angle_rad)) * (cross @ cross)


def rotation_between(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """(3, 3) the shortest rotation that turns direction ``a`` (3,) into direction ``b`` (3,)."""
    u, v = (np.asarray(w, float) / np.linalg.norm(np.asarray(w, float)) for w in (a, b))
    axis, cosine = np.cross(u, v), float(np.clip(u @ v, -1, 1))
    if np.linalg.norm(axis) > 1e-9:
        return rotation_about(axis, np.arccos(cosine))
    if cosine > 0:
        return np.eye(3)
    return rotation_about(np.cross(u, np.eye(3)[np.argmin(np.abs(u))]), np.pi)


def random_rotation(rng: np.random.Generator) -> FloatArray:
    """(3, 3) rotation, uniform over all rotations (Shoemake, "Uniform random rotations", 1992)."""
    w, x, y, z = (q := rng.normal(size=4)) / np.linalg.norm(q)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def inverse(a_from_b: ArrayLike) -> FloatArray:
    """(4, 4) b_from_a of any invertible affine transform.

    By cofactors: LAPACK wakes a thread per core for it, which then wait for more, and that doubled the CPU time of
    labelling an image.

    Raises:
        ZeroDivisionError: The transform makes everything flat.
    """
    (a, b, c, x), (d, e, f, y), (g, h, i, z), _ = np.asarray(a_from_b, float).tolist()
    p, q, r = e * i - f * h, f * g - d * i, d * h - e * g
    scale = 1 / (a * p + b * q + c * r)
    linear = scale * np.array(
        [
            [p, c * h - b * i, b * f - c * e],
            [q, a * i - c * g, c * d - a * f],
            [r, b * g - a * h, a * e - b * d],
        ]
    )
    return rigid(linear, -linear @ [x, y, z])


def transformed(a_from_b: ArrayLike, points_b: ArrayLike) -> FloatArray:
    """(N, 3) points of frame b in frame a."""
    matrix, points = np.asarray(a_from_b, float), np.asarray(points_b, float)
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def intrinsics(width: int, height: int, fov_x_rad: float) -> FloatArray:
    """(3, 3) K in pixels of a centred pinhole with square pixels; column c covers [c, c + 1)."""
    focal = 0.5 * width / np.tan(0.5 * fov_x_rad)
    return np.array([[focal, 0.0, 0.5 * width], [0.0, focal, 0.5 * height], [0.0, 0.0, 1.0]])


def projected(k: ArrayLike, points_camera: ArrayLike) -> FloatArray:
    """(N, 2) pixel coordinates x, y of (N, 3) points in the camera's frame; meaningless where z <= 0."""
    points = np.asarray(points_camera, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        homogeneous = (points / points[:, 2:3]) @ np.asarray(k, float).T
    return homogeneous[:, :2]


def pixel_rays(k: ArrayLike, x0: int, y0: int, x1: int, y1: int) -> FloatArray:
    """(y1 - y0, x1 - x0, 3) directions (x, y, 1) in the camera's frame through the pixels' centres.

    The window may lie outside the image. Directions have z = 1, so a ray's parameter is z-depth.
    """
    matrix = np.asarray(k, float)
    columns, rows = np.meshgrid(np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5)
    y = (rows - matrix[1, 2]) / matrix[1, 1]
    x = (columns - matrix[0, 2] - matrix[0, 1] * y) / matrix[0, 0]
    return np.stack([x, y, np.ones_like(x)], axis=-1)
