"""Writes TIFFs of many forms with GDAL and tifffile, and what GDAL reads of them.

Usage: peer_tiffs.py FOLDER SEED COUNT. For each image NAME.tif and NAME.raw (samples as GDAL reads them, or
as they were written where GDAL has no say: little-endian float64, band by band) and a line of JSON on stdout.
"""

import json
import sys

import numpy as np
import tifffile
from osgeo import gdal

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_PAM_ENABLED", "NO")

TYPES = {
    "uint8": gdal.GDT_Byte,
    "uint16": gdal.GDT_UInt16,
    "int16": gdal.GDT_Int16,
    "uint32": gdal.GDT_UInt32,
    "int32": gdal.GDT_Int32,
    "float32": gdal.GDT_Float32,
    "float64": gdal.GDT_Float64,
}


def scene(rng, height, width, bands, dtype):
    """Ground with grain; full range of the type in a few samples, special values in others."""
    y, x = np.mgrid[0:height, 0:width]
    ground = 0.1 + 0.05 * np.sin(x / 23) * np.cos(y / 31) + rng.normal(0, 0.01, (height, width))
    image = np.stack([ground * (1 + 0.2 * b) for b in range(bands)])
    if dtype.startswith("float"):
        samples = image.astype(dtype)
        specials = [np.nan, np.inf, -np.inf, -3.4028226550889e38, 0, -1, 7.5]
    else:
        info = np.iinfo(dtype)
        samples = np.clip(image * 500 if dtype == "uint8" else image * 32767, info.min, info.max).astype(dtype)
        specials = [info.min, info.min + 1, info.max, 0, 1]
        if dtype == "int16":
            specials += [-32767, -32766, -32765, -32764, -32760, -32752]
    for special in specials:
        at = rng.integers(0, samples.size, 3)
        samples.reshape(-1)[at] = special
    return samples


def by_gdal(rng, path, dtype, height, width):
    layout = rng.choice(["grey", "grey", "grey", "rgb", "alpha"])
    bands = {"grey": 1, "rgb": 3, "alpha": 2}[str(layout)]
    compress = str(rng.choice(["NONE", "LZW", "DEFLATE", "PACKBITS"]))
    options = [f"COMPRESS={compress}"]
    if compress in ("LZW", "DEFLATE"):
        options.append(f"PREDICTOR={rng.choice([1, 2, 3] if dtype.startswith('float') else [1, 2])}")
        if options[-1] == "PREDICTOR=2" and dtype == "float64":
            options.pop()
    if rng.random() < 0.5:
        block = 16 * rng.integers(1, 9, 2)
        options += ["TILED=YES", f"BLOCKXSIZE={block[0]}", f"BLOCKYSIZE={block[1]}"]
    else:
        options.append(f"BLOCKYSIZE={rng.integers(1, height + 1)}")
    # GDAL 3.6 writes big-endian floats with their predictor wrongly: it does not read back what it wrote.
    orders = ["LITTLE"] if "PREDICTOR=3" in options else ["LITTLE", "BIG"]
    options.append(f"ENDIANNESS={rng.choice(orders)}")
    options.append(f"BIGTIFF={rng.choice(['YES', 'NO'])}")
    options.append(f"INTERLEAVE={rng.choice(['PIXEL', 'BAND'])}")
    if layout == "rgb":
        options.append("PHOTOMETRIC=RGB")
    if layout == "alpha":
        options.append("ALPHA=YES")
    if layout == "grey" and rng.random() < 0.2:
        options.append("PHOTOMETRIC=MINISWHITE")
    samples = scene(rng, height, width, bands, dtype)
    no_data = float(rng.choice([0, 7])) if layout == "grey" and rng.random() < 0.4 else None
    dataset = gdal.GetDriverByName("GTiff").Create(path, width, height, bands, TYPES[dtype], options)
    for b in range(bands):
        band = dataset.GetRasterBand(b + 1)
        if no_data is not None:
            band.SetNoDataValue(no_data)
        band.WriteArray(samples[b])
    dataset.FlushCache()
    if rng.random() < 0.3:
        gdal.SetConfigOption("COMPRESS_OVERVIEW", compress)
        dataset.BuildOverviews("NEAREST", [2, 4])
    dataset = None
    return {"layout": str(layout), "options": options, "no_data": no_data}


def by_tifffile(rng, path, dtype, height, width):
    layout = str(rng.choice(["grey", "rgb"]))
    samples = scene(rng, height, width, 1 if layout == "grey" else 3, dtype)
    order = str(rng.choice(["<", ">"]))
    options = {"photometric": "minisblack" if layout == "grey" else "rgb", "metadata": None}
    if rng.random() < 0.5:
        options["compression"] = "zlib"
    if rng.random() < 0.5:
        options["tile"] = tuple(int(n) for n in 16 * rng.integers(1, 9, 2))
    else:
        options["rowsperstrip"] = int(rng.integers(1, height + 1))
    planar = bool(layout == "rgb" and rng.random() < 0.5)
    if layout == "rgb":
        options["planarconfig"] = "separate" if planar else "contig"
    image = samples[0] if layout == "grey" else samples if planar else np.moveaxis(samples, 0, -1)
    half = image[:, ::2, ::2] if planar else image[::2, ::2]
    place = str(rng.choice(["alone", "first", "chained", "sub"]))
    with tifffile.TiffWriter(path, bigtiff=bool(rng.random() < 0.5), byteorder=order) as tiff:
        if place == "first":
            tiff.write(half, subfiletype=1, **options)
        tiff.write(image, subifds=1 if place == "sub" else 0, **options)
        if place in ("chained", "sub"):
            tiff.write(half, subfiletype=1, **options)
    shown = {key: str(value) for key, value in options.items()}
    return {"layout": layout, "options": {**shown, "order": order, "place": place}, "no_data": None}, samples


def main(folder, seed, count):
    rng = np.random.default_rng(seed)
    for n in range(count):
        dtype = str(rng.choice(list(TYPES)))
        height, width = (int(v) for v in rng.integers(1, 250, 2))
        path = f"{folder}/{n}.tif"
        if n % 3 < 2:
            told = by_gdal(rng, path, dtype, height, width)
            dataset = gdal.Open(path)
            read = np.stack([dataset.GetRasterBand(b + 1).ReadAsArray() for b in range(dataset.RasterCount)])
            dataset = None
        else:
            told, read = by_tifffile(rng, path, dtype, height, width)
        with np.errstate(invalid="ignore"):
            read = read.astype("<f8")
        read.tofile(f"{folder}/{n}.raw")
        print(json.dumps({"name": str(n), "dtype": dtype, "width": width, "height": height, **told}))


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
