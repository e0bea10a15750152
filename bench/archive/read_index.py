"""Reads INDEX.TAB as a Python user would, and writes how it went as one JSON object.

Usage: python3 read_index.py csv|pandas TABLE COLUMNS.json
COLUMNS.json holds a list of [name, first byte counted from 0, bytes, is a number that is needed].
"""
import json
import re
import resource
import sys
import time
from datetime import datetime

how, path, columns_path = sys.argv[1:]
columns = json.load(open(columns_path))
NAC = re.compile(r"M\d{9,10}[LR][EC]$")


def with_csv():
    import csv

    products = []
    with open(path, encoding="latin-1", newline="") as table:
        for fields in csv.reader(table):
            row = {name: text.strip() for (name, _, _, _), text in zip(columns, fields)}
            if not NAC.match(row["PRODUCT_ID"]):
                continue
            for name, _, _, number in columns:
                if number:
                    row[name] = float(row[name])
            for name in ("START_TIME", "STOP_TIME"):
                row[name] = datetime.strptime(row[name], "%Y-%m-%d %H:%M:%S.%f")
            products.append(row)
    return len(products)


def with_pandas():
    import pandas

    spans = [(start, start + size) for _, start, size, _ in columns]
    frame = pandas.read_fwf(path, colspecs=spans, names=[name for name, _, _, _ in columns], encoding="latin-1")
    return int(frame["PRODUCT_ID"].str.match(NAC.pattern).sum())


started = time.perf_counter()
try:
    products = {"csv": with_csv, "pandas": with_pandas}[how]()
except ImportError:
    print(json.dumps({"missing": how}))
    sys.exit()
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"products": products, "seconds": seconds, "peakMb": peak}))
