"""The whole way in Python: a PTIF in, the same detections out, into PostGIS.

Decoding by GDAL (rasterio) in a thread that is ahead of the scoring, scoring by PyTorch, the rest by NumPy and
SciPy, rows by COPY of psycopg.

usage: pipeline.py TASK.json   (image, folder, mode, processes, threads, batch, away, threshold, radius, budget, database, corners, product, cache, out)

The networks are compiled, and warmed, before the clock starts; how long that took is told apart.
"""

import json
import os
import queue
import sys
import threading
import time

task = json.load(open(sys.argv[1], encoding="utf-8"))
os.environ["OMP_NUM_THREADS"] = str(task["threads"])

import torch_scorer  # noqa: E402

torch_scorer.use_cache(task["cache"])

import numpy as np  # noqa: E402
import psycopg  # noqa: E402
import rasterio  # noqa: E402
import torch  # noqa: E402
from rasterio.windows import Window  # noqa: E402

import detect  # noqa: E402
import strip_parts  # noqa: E402

SIZE, STRIDE, ROWS, HALO = 64, 32, 8, 64
FIRST_COLUMN, END_COLUMN = 64, 5024
PARTS = ("l2", "mu_norm", "bright", "bright_peak", "lander", "small", "tracks")


def plan(height):
    """(first line, rows of tiles) of each strip; the last row of tiles sits flush with the border."""
    last = (height - SIZE) // STRIDE
    strips = [(row * STRIDE, min(ROWS, last + 1 - row)) for row in range(0, last + 1, ROWS)]
    if last * STRIDE + SIZE < height:
        strips.append((height - SIZE, 1))
    return strips


class StripScorer:
    def __init__(self):
        torch.set_num_threads(task["threads"])
        self.runner = torch_scorer.Runner(task["folder"], task["mode"], task["batch"], task["away"])
        response = strip_parts.Response(task["away"])
        compiled = task["mode"] not in ("eager", "channels_last")
        self.response = torch.compile(response, dynamic=False) if compiled else response
        self.image = rasterio.open(task["image"])
        # A strip of each form, so that nothing is compiled while the clock runs.
        blank = np.random.default_rng(1).integers(60, 200, (self.lines(ROWS), END_COLUMN - FIRST_COLUMN), dtype=np.uint8)
        self.score(blank, ROWS)
        self.score(blank, ROWS)

    @staticmethod
    def lines(rows):
        return (rows - 1) * STRIDE + SIZE + 2 * HALO

    def read(self, first, rows):
        """Lines of a strip and its halo, filled up to the form of all strips by repeating the border."""
        top, end = max(0, first - HALO), min(self.image.height, first + self.lines(rows) - HALO)
        data = self.image.read(1, window=Window(FIRST_COLUMN, top, END_COLUMN - FIRST_COLUMN, end - top))
        above = HALO - (first - top)
        return np.pad(data, ((above, self.lines(ROWS) - above - len(data)), (0, 0)), mode="edge")

    def score(self, strip, rows):
        """Parts of the strip's tiles, row by row: states, tri, mad, peaks [n, 2], scores [n, 7]."""
        with torch.inference_mode():
            response = self.response(torch.from_numpy(strip))[HALO:-HALO]
        tri, peaks = strip_parts.peaks_of(response, rows)
        pixels = strip[HALO : HALO + (rows - 1) * STRIDE + SIZE]
        windows = np.lib.stride_tricks.sliding_window_view(pixels, (SIZE, SIZE))[::STRIDE, ::STRIDE]
        tiles = np.ascontiguousarray(windows).reshape(-1, SIZE, SIZE)
        state, mad = strip_parts.statistics_of(tiles)
        if (strip == 0).any():
            nulls = strip_parts.null_flags(pixels)
            if nulls.any():
                lost = np.lib.stride_tricks.sliding_window_view(nulls, (SIZE, SIZE))[::STRIDE, ::STRIDE]
                state[lost.sum(axis=(2, 3)).ravel() > 0.05 * SIZE * SIZE] = strip_parts.STATES.index("null")
        scored = np.flatnonzero(state == 0)
        scores = np.full((len(tiles), len(PARTS)), np.nan, dtype=np.float32)
        if len(scored):
            found = self.runner(tiles[scored], peaks[scored])
            scores[scored] = found[:, : len(PARTS)]
            cells = self.runner.cell_places(found[:, len(PARTS)])
            there = peaks[scored].astype(np.int64)
            moved = (found[:, PARTS.index("lander")] > 0) & (np.hypot(*(there - cells).T) > 8)
            peaks[scored[moved]] = cells[moved]
        tri[state != 0], mad[state != 0] = np.nan, np.nan
        return state, tri, mad, peaks, scores


def scored_in_order(scorer, strips):
    """Scores strips while a thread decodes the next ones."""
    decoded = queue.Queue(maxsize=2)

    def decode():
        for first, rows in strips:
            decoded.put(scorer.read(first, rows))

    threading.Thread(target=decode, daemon=True).start()
    for _, rows in strips:
        yield scorer.score(decoded.get(), rows)


worker = None


def start_worker():
    global worker
    worker = StripScorer()


def work(strips):
    return list(scored_in_order(worker, strips))


def scan(strips, pool):
    if pool is None:
        return work(strips)
    # Shares of some strips, so that one process does not wait long for the other.
    shares = [strips[i : i + 4] for i in range(0, len(strips), 4)]
    return [part for share in pool.map(work, shares, chunksize=1) for part in share]


def describe(objects, tiles, parts, names, image, explain):
    found = []
    for rank, (tile, count) in enumerate(objects, 1):
        x, y = tiles[tile]
        peak = parts["peaks"][tile] + tiles[tile]
        has_peak = parts["tri"][tile] > 1.001 * strip_parts.FLOOR
        centre = peak if has_peak else tiles[tile] + SIZE // 2
        left = int(np.clip(np.clip(round(float(centre[0]) - 128), x + SIZE - 256, x), 0, image.width - 256))
        top = int(np.clip(np.clip(round(float(centre[1]) - 128), y + SIZE - 256, y), 0, image.height - 256))
        pixels = image.read(1, window=Window(left, top, 256, 256))
        cut = pixels[y - top : y - top + SIZE, x - left : x - left + SIZE]
        difference = cut / 255 - explain(cut)
        residual = np.full((256, 256), np.nan)
        residual[y - top : y - top + SIZE, x - left : x - left + SIZE] = difference
        near = (int(centre[0]) - left, int(centre[1]) - top)
        body = detect.body_of(pixels.astype(np.float64), residual, near)
        found.append(
            {
                "rank": rank,
                "tile_x": int(x),
                "tile_y": int(y),
                "tile_count": count,
                "score_raw": float(names["c"][tile]),
                "scores": {name: float(values[tile]) for name, values in names.items()},
                "sample": left + body["sample"],
                "line": top + body["line"],
                "width": body["width"],
                "height": body["height"],
            }
        )
    return found


def place(detection, image):
    """Bilinear between the corners upper left, upper right, lower right, lower left."""
    if task.get("corners") is None:
        return None
    u, v = detection["sample"] / image.width, detection["line"] / image.height
    weights = ((1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v)
    return [sum(w * corner[i] for w, corner in zip(weights, task["corners"])) for i in (0, 1)]


def store(detections, image):
    with psycopg.connect(task["database"]) as connection, connection.cursor() as cursor:
        cursor.execute(
            """CREATE TABLE IF NOT EXISTS peer_detection (product_id text, rank_in_image int, score_raw float8,
            scores jsonb, tile_x int, tile_y int, tile_count int, line float8, sample float8, width_px float8,
            height_px float8, lon float8, lat float8, geom geometry(Point, 30100))"""
        )
        with cursor.copy(
            """COPY peer_detection (product_id, rank_in_image, score_raw, scores, tile_x, tile_y, tile_count, line,
            sample, width_px, height_px, lon, lat, geom) FROM STDIN"""
        ) as copy:
            for d in detections:
                at = place(d, image)
                lon, lat = at or (None, None)
                geom = None if at is None else f"SRID=30100;POINT({lon} {lat})"
                copy.write_row(
                    (task["product"], d["rank"], d["score_raw"], json.dumps(d["scores"]), d["tile_x"], d["tile_y"])
                    + (d["tile_count"], d["line"], d["sample"], d["width"], d["height"], lon, lat, geom)
                )


def main():
    started = time.perf_counter()
    pool = None
    if task["processes"] > 1:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        pool = ProcessPoolExecutor(task["processes"], get_context("spawn"), start_worker)
        list(pool.map(work, [[] for _ in range(4 * task["processes"])]))
    else:
        start_worker()
    explainer = torch_scorer.Scorer(task["folder"], fold=True).eval()

    def explain(cut):
        with torch.inference_mode():
            return explainer.reconstruct(torch.from_numpy(cut.astype(np.float32))[None, None] / 255)[0][0, 0].numpy()

    warm = time.perf_counter()
    image = rasterio.open(task["image"])
    strips = plan(image.height)
    results = scan(strips, pool)
    scored = time.perf_counter()
    state, tri, mad, peaks, scores = (np.concatenate(part) for part in zip(*results))
    columns = (END_COLUMN - FIRST_COLUMN - SIZE) // STRIDE + 1
    ys = np.concatenate([first + STRIDE * np.arange(rows) for first, rows in strips])
    xs = FIRST_COLUMN + STRIDE * np.arange(columns)
    tiles = np.stack([np.tile(xs, len(ys)), np.repeat(ys, columns)], axis=1)
    parts = {"tri": tri, "mad": mad, "peaks": peaks.astype(np.int64), **dict(zip(PARTS, scores.T))}
    names = detect.named_scores(parts)
    objects = detect.objects_of(
        names["c"], tri, tiles, tiles + parts["peaks"], task["threshold"], task["radius"], task["budget"]
    )
    detections = describe(objects, tiles, parts, names, image, explain)
    if task.get("database"):
        store(detections, image)
    ended = time.perf_counter()
    answer = {
        "warm_up_s": warm - started,
        "seconds": ended - warm,
        "scoring_s": scored - warm,
        "tiles": len(state),
        "masked_tiles": int((state != 0).sum()),
        "torch": torch.__version__,
        "gdal": rasterio.__gdal_version__,
        "detections": [
            {key: d[key] for key in ("rank", "tile_x", "tile_y", "line", "sample", "score_raw")} for d in detections
        ],
    }
    with open(task["out"], "w", encoding="utf-8") as file:
        json.dump(answer, file)
    if pool is not None:
        pool.shutdown()


if __name__ == "__main__":
    main()
