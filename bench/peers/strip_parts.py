"""What the score needs of a strip beside the networks, in PyTorch and NumPy: contrast, response to the Sun, masks."""

import math

import numpy as np
import torch
import torch.nn.functional as F

SIZE = 64
STRIDE = 32
BORDER = 3
MARGIN = 13
SHADOW_AT = (1.5, 2.5, 4, 6, 8)
BEFORE_AT = (3, 4.5, 6.5, 9, 12)
BESIDE_AT = (6, 9)
LEAST_LEVEL = 0.05 * 255
FLOOR = 1e-4
NULL_RUN = 512
STATES = ("scored", "detector", "null", "saturated", "shadow")


def kernel_of(sigma, radius):
    at = torch.arange(-radius, radius + 1, dtype=torch.float64)
    line = torch.exp(-0.5 * at**2 / sigma**2)
    return (line / line.sum()).float()


def blurred(x, line):
    radius = len(line) // 2
    x = F.conv2d(F.pad(x, (radius, radius, 0, 0), mode="replicate"), line.view(1, 1, 1, -1))
    return F.conv2d(F.pad(x, (0, 0, radius, radius), mode="replicate"), line.view(1, 1, -1, 1))


def wide_mean(x, cell, sigma):
    """A wide Gaussian on cells of some pixels, drawn out linearly."""
    own = (cell**2 - 1) / 12 + cell**2 / 6
    line = kernel_of(math.sqrt(sigma**2 - own) / cell, 6).to(x.dtype)
    return F.interpolate(blurred(F.avg_pool2d(x, cell), line), scale_factor=cell, mode="bilinear", align_corners=False)


class Response(torch.nn.Module):
    """Local contrast of a strip and, at every pixel, how much it looks like a lit body with its shadow."""

    def __init__(self, away):
        super().__init__()
        dx, dy = away
        self.shadow = [(dx * a, dy * a) for a in SHADOW_AT]
        self.before = [(-dx * a, -dy * a) for a in BEFORE_AT]
        self.beside = [(s * -dy * a, s * dx * a) for a in BESIDE_AT for s in (1, -1)]
        self.register_buffer("fine", kernel_of(0.8, 3))

    def forward(self, strip):
        """uint8 [h, w], both multiples of 4 -> [h, w]"""
        x = strip.float()[None, None]
        coarse = wide_mean(x, 2, 4)
        contrast = (blurred(x, self.fine) - coarse) / wide_mean(x, 4, 8).clamp(min=LEAST_LEVEL)
        t = blurred(contrast, self.fine)[0, 0]
        height, width = t.shape
        wide = F.pad(t[None, None], (MARGIN,) * 4, mode="replicate")[0, 0]

        def at(step):
            dx, dy = step
            ix, iy = math.floor(dx), math.floor(dy)
            fx, fy = dx - ix, dy - iy

            def cut(y, x):
                return wide[MARGIN + iy + y : MARGIN + iy + y + height, MARGIN + ix + x : MARGIN + ix + x + width]

            upper = (1 - fx) * cut(0, 0) + fx * cut(0, 1)
            return (1 - fy) * upper + fy * ((1 - fx) * cut(1, 0) + fx * cut(1, 1))

        def least(steps):
            value = at(steps[0])
            for step in steps[1:]:
                value = torch.minimum(value, at(step))
            return value

        value = torch.minimum(t, -least(self.shadow)) - (-least(self.before)).clamp(min=0)
        beside = at(self.beside[0]).abs()
        for step in self.beside[1:]:
            beside = torch.maximum(beside, at(step).abs())
        return value - 0.5 * beside


def peaks_of(response, rows):
    """Highest response of each tile of a strip's rows, its border left out: values [rows * columns], places [., 2]."""
    inner = SIZE - 2 * BORDER
    area = response[BORDER : (rows - 1) * STRIDE + SIZE - BORDER, BORDER:-BORDER]
    value, index = F.max_pool2d(area[None, None], inner, STRIDE, return_indices=True)
    columns = value.shape[-1]
    value, index = value.flatten().numpy(), index.flatten().numpy()
    row, column = np.divmod(np.arange(len(value)), columns)
    y, x = np.divmod(index, area.shape[1])
    places = np.stack([x - column * STRIDE + BORDER, y - row * STRIDE + BORDER], axis=1)
    places[value <= FLOOR] = SIZE // 2
    return np.maximum(value, FLOOR), places.astype(np.uint8)


def null_flags(strip):
    """Runs of exact zeros long enough to be lost lines."""
    flags = np.zeros(strip.shape, dtype=bool)
    for y in np.flatnonzero((strip == 0).sum(axis=1) >= NULL_RUN):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], (strip[y] == 0).view(np.int8), [0]])))
        for start, end in edges.reshape(-1, 2):
            flags[y, start:end] = end - start >= NULL_RUN
    return flags


def solve(f, low, high, count):
    """Roots of ascending functions by bisection."""
    a, b = np.full(count, low), np.full(count, high)
    for _ in range(28):
        middle = (a + b) / 2
        under = f(middle) < 0
        a, b = np.where(under, middle, a), np.where(under, b, middle)
    return (a + b) / 2


def statistics_of(tiles):
    """Grey levels of tiles [n, 64, 64]: state, and median absolute deviation as a share of the median."""
    n = len(tiles)
    flat = tiles.reshape(n, -1).astype(np.int32)
    flat += 256 * np.arange(n, dtype=np.int32)[:, None]
    counts = np.bincount(flat.ravel(), minlength=256 * n).reshape(n, 256)
    below = np.concatenate([np.zeros((n, 1)), counts.cumsum(axis=1)], axis=1)
    row = np.arange(n)

    def share(x):
        at = np.clip(x + 0.5, 0, 256)
        dn = np.minimum(at.astype(np.int64), 255)
        lower = below[row, dn]
        return (lower + (below[row, dn + 1] - lower) * (at - dn)) / (SIZE * SIZE)

    median = solve(lambda x: share(x) - 0.5, -0.5, 255.5, n)
    mad = solve(lambda r: share(median + r) - share(median - r) - 0.5, 0.0, 256.0, n)
    state = np.zeros(n, dtype=np.uint8)
    state[below[:, 3] > 0.75 * SIZE * SIZE] = STATES.index("shadow")
    state[counts[:, 255] > 0.75 * SIZE * SIZE] = STATES.index("saturated")
    return state, mad / np.maximum(median, LEAST_LEVEL)
