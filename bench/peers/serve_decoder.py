"""Decodes an image whenever a line comes on stdin, and answers with the pixels, the seconds and the CPU seconds.

usage: serve_decoder.py FILE gdal|tifffile

"turn" on a line decodes the image as often as half a second takes, "checksum" once and tells the pixels' SHA-256.

GDAL by rasterio, one thread, by bands of 256 lines as a scan reads them. tifffile with imagecodecs reads whole pages
only, so it is given the whole image at once, with one worker.
"""

import hashlib
import json
import os
import sys
import time

TURN_S = 0.5

os.environ["GDAL_NUM_THREADS"] = "1"
path, reader = sys.argv[1:3]

if reader == "gdal":
    import rasterio
    from rasterio.windows import Window

    def read(each):
        with rasterio.open(path) as image:
            for line in range(0, image.height, 256):
                lines = min(256, image.height - line)
                each(image.read(1, window=Window(0, line, image.width, lines)))
            return image.width * image.height

else:
    import tifffile

    def read(each):
        with tifffile.TiffFile(path) as file:
            pixels = file.pages[0].asarray(maxworkers=1)
            each(pixels)
            return pixels.size


for line in sys.stdin:
    sha = hashlib.sha256() if line.strip() == "checksum" else None
    started, cpu = time.perf_counter(), time.process_time()
    count = 0
    while count == 0 or (sha is None and time.perf_counter() - started < TURN_S):
        count += read(lambda band: sha.update(band.tobytes()) if sha else None)
    seconds = time.perf_counter() - started
    cpu = time.process_time() - cpu
    answer = {"pixels": count, "seconds": seconds, "cpuSeconds": cpu, "checksum": sha.hexdigest() if sha else None}
    print(json.dumps(answer), flush=True)
