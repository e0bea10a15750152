"""From the score parts of all tiles of an image to its detections, in NumPy and SciPy, by the product's rules."""

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

SIZE = 64
MAD_TO_SIGMA = 1.4826


def spread(values):
    values = values[~np.isnan(values)].astype(np.float64)
    median = np.median(values)
    return median, np.median(np.abs(values - median))


def z_of(values, least):
    median, mad = spread(values)
    return np.clip((values - median) / max(MAD_TO_SIGMA * mad, least), -3, 12)


def named_scores(parts):
    """parts: arrays l2, mu_norm, bright, bright_peak, tri, mad, lander, small, tracks; NaN where masked."""
    half = 0.5 * np.nanmedian(parts["mad"])
    a = parts["tri"] / np.maximum(np.maximum(parts["mad"], half), 1e-3)
    z_a = z_of(np.log(a), 0.05)
    z_bright = z_of(np.log(np.maximum(parts["bright_peak"], 1e-4)), 0.05)
    logits = {name: np.round(unit * parts[name]) / unit for name, unit in (("lander", 1000), ("small", 1000), ("tracks", 8))}
    z = {f"z_{name}": z_of(values, 0.1) for name, values in logits.items()}
    return {
        **{name: parts[name] for name in ("l2", "mu_norm", "bright", "bright_peak", "tri")},
        "vae2024": parts["l2"] ** 2 + 4 * parts["mu_norm"] ** 2,
        "a": a,
        "z_a": z_a,
        "z_bright": z_bright,
        "b": (z_a + z_bright) / 2,
        **logits,
        **z,
        "c": (4 * z["z_lander"] + 2 * z_a + z_bright) / 7,
    }


def objects_of(raw, tri, tiles, peaks, threshold, radius, budget):
    """Candidates above the image's threshold, joined where their tiles touch and their peaks are near; best first.

    tiles, peaks: [n, 2] (x, y) in the image. Returns (best tile, number of tiles) of each object.
    """
    median, mad = spread(raw)
    candidates = np.flatnonzero(raw >= median + threshold * MAD_TO_SIGMA * mad)
    pairs = cKDTree(peaks[candidates].astype(np.float64)).query_pairs(radius, output_type="ndarray")
    apart = np.abs(tiles[candidates[pairs[:, 0]]] - tiles[candidates[pairs[:, 1]]]) if len(pairs) else np.zeros((0, 2))
    pairs = pairs[(apart <= SIZE).all(axis=1)]
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(candidates),) * 2)
    _, group = connected_components(graph, directed=False)
    order = candidates[np.lexsort((candidates, -tri[candidates], -raw[candidates]))]
    group_of = dict(zip(candidates.tolist(), group.tolist()))
    sizes = np.bincount(group) if len(group) else np.zeros(0, dtype=int)
    best = {}
    for tile in order.tolist():
        best.setdefault(group_of[tile], tile)
    return [(tile, int(sizes[g])) for g, tile in list(best.items())[:budget]]


def strongest(values, near, reach):
    x, y = near
    top, left = max(0, y - reach), max(0, x - reach)
    part = values[top : y + reach + 1, left : x + reach + 1]
    rows, columns = np.nonzero(part == np.nanmax(part))
    nearest = np.argmin(np.hypot(columns + left - x, rows + top - y))
    return int(columns[nearest]) + left, int(rows[nearest]) + top


def body_of(pixels, residual, near):
    """Outlines the body at a place of a window: its centre of light, and its size. residual NaN where not looked."""
    top = strongest(pixels.astype(np.float32), near, 3)
    x, y = top
    around = np.sort(pixels[max(0, y - 16) : y + 17, max(0, x - 16) : x + 17], axis=None)
    background = float(around[len(around) // 2])
    contrast = pixels[y, x] - background
    bright = contrast >= 6
    peak = top if bright else strongest(np.abs(residual), near, 3)
    weight = pixels - background if bright else np.abs(residual)
    at_peak = residual[peak[1], peak[0]]
    if bright:
        inside = weight >= 0.5 * contrast
        if at_peak > 0:
            inside &= ~(residual < 0.25 * at_peak)
    else:
        inside = (weight >= 0.5 * abs(at_peak)) & (weight > 0)
    reach = np.zeros(pixels.shape, dtype=bool)
    reach[max(0, peak[1] - 24) : peak[1] + 25, max(0, peak[0] - 24) : peak[0] + 25] = True
    inside &= reach
    inside[peak[1], peak[0]] = True
    labels, _ = ndimage.label(inside)
    region = ndimage.binary_fill_holes(labels == labels[peak[1], peak[0]])
    rows, columns = np.nonzero(region)
    w = np.where(weight[rows, columns] > 0, weight[rows, columns], 1e-6)
    return {
        "sample": float((w * (columns + 0.5)).sum() / w.sum()),
        "line": float((w * (rows + 0.5)).sum() / w.sum()),
        "width": int(columns.max() - columns.min() + 1),
        "height": int(rows.max() - rows.min() + 1),
    }
