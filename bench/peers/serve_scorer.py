"""Scores an image's tiles when asked, so that a bench can take turns with it.

usage: serve_scorer.py TASK.json   (folder, mode, threads, image, width, peaks, xs, ys, away, cache)

Requests and answers are lines of JSON. {"batch": n} sets the batch and scores one of it: {"seconds"};
{"from": a, "to": b} scores these tiles: {"tiles", "seconds", "cpu_seconds"}; with "scores": path they are kept there.
"""

import json
import os
import sys
import time

task = json.load(open(sys.argv[1], encoding="utf-8"))
os.environ["OMP_NUM_THREADS"] = str(task["threads"])

import torch_scorer  # noqa: E402

torch_scorer.use_cache(task["cache"])

import numpy as np  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(task["threads"])
torch.set_num_interop_threads(1)
image = np.fromfile(task["image"], dtype=np.uint8).reshape(-1, task["width"])
peaks = np.fromfile(task["peaks"], dtype=np.uint8).reshape(-1, 2)
xs, ys = np.asarray(task["xs"]), np.asarray(task["ys"])
windows = np.lib.stride_tricks.sliding_window_view(image, (64, 64))
runner = None


def score(first, last):
    """Row by row, as the strips come: the tiles of a row are cut out together."""
    out = []
    for row in range(first // len(xs), -(-last // len(xs))):
        start = max(first - row * len(xs), 0)
        end = min(last - row * len(xs), len(xs))
        tiles = np.ascontiguousarray(windows[ys[row], xs[start:end]])
        out.append((tiles, peaks[row * len(xs) + start : row * len(xs) + end]))
    return runner(np.concatenate([a for a, _ in out]), np.concatenate([b for _, b in out]))


def answer(value):
    print(json.dumps(value), flush=True)


answer({"torch": torch.__version__, "threads": torch.get_num_threads(), "capability": torch.backends.cpu.get_cpu_capability()})
for line in sys.stdin:
    request = json.loads(line)
    started, cpu = time.perf_counter(), time.process_time()
    if "batch" in request:
        runner = torch_scorer.Runner(task["folder"], task["mode"], request["batch"], task["away"])
        for _ in range(2):
            score(0, request["batch"])
        answer({"seconds": time.perf_counter() - started})
        continue
    # A strip of some rows at a time, as memory allows in a whole image.
    strip = 8 * len(xs)
    scores = [score(at, min(at + strip, request["to"])) for at in range(request["from"], request["to"], strip)]
    seconds, used = time.perf_counter() - started, time.process_time() - cpu
    if "scores" in request:
        np.concatenate(scores).tofile(request["scores"])
    answer({"tiles": request["to"] - request["from"], "seconds": seconds, "cpu_seconds": used})
