"""Reads records of INDEX.TAB with the csv module, as a check on a reader that cuts them by byte.

Usage: python3 read_index_records.py COLUMNS.json TABLE [TABLE ...]
Writes a JSON list of records, each an object of column name and value, to stdout.
"""
import csv
import json
import sys

# What NAC rows do not have, as the archive writes it.
NOT_APPLICABLE = {
    "WAC_EXPOSURE_DURATION": "9.99999",
    "WAC_INSTRUMENT_MODE_ID": "N/A",
    "WAC_BAND_CODE": "999",
    "WAC_BACKGROUND_OFFSET": "999",
    "WAC_FILTER_NAME": "N/A",
    "WAC_NUMBER_OF_FRAMES": "99999",
    "WAC_INTERFRAME_TIME": "9999.99",
    "WAC_INTERFRAME_CODE": "999",
    "WAC_MODE_POLAR": "9",
    "WAC_BEGIN_TEMPERATURE_SCS": "9999.999",
    "WAC_MIDDLE_TEMPERATURE_SCS": "9999.999",
    "WAC_END_TEMPERATURE_SCS": "9999.999",
    "WAC_BEGIN_TEMPERATURE_FPA": "9999.999",
    "WAC_MIDDLE_TEMPERATURE_FPA": "9999.999",
    "WAC_END_TEMPERATURE_FPA": "9999.999",
}


def value(column, text):
    text = text.strip()
    if text == NOT_APPLICABLE.get(column["name"]):
        return None
    return text if column["quoted"] else float(text)


columns = json.load(open(sys.argv[1]))
records = []
for path in sys.argv[2:]:
    with open(path, encoding="latin-1", newline="") as table:
        for fields in csv.reader(table):
            assert len(fields) == len(columns) == 83
            records.append({column["name"]: value(column, text) for column, text in zip(columns, fields)})
json.dump(records, sys.stdout)
