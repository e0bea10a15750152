"""Places pixels of a line-scan ISD by CSPICE, the toolkit of NASA's NAIF, through SpiceyPy.

stdin: {"isd": path, "pixels": [[sample, line], ...]}; stdout: {"spice": version, "places": [[lon, lat], ...]}, degrees.
"""

import bisect
import json
import math
import sys

import spiceypy as spice


def rotation(track, time):
    """J2000 to the track's frame: steady turning about one axis between two records, then the constant rotation."""
    times, quaternions = track["ephemeris_times"], track["quaternions"]
    i = min(max(bisect.bisect_right(times, time) - 1, 0), len(times) - 2)
    start, end = spice.q2m(quaternions[i]), spice.q2m(quaternions[i + 1])
    axis, angle = spice.raxisa(spice.mxmt(end, start))
    part = (time - times[i]) / (times[i + 1] - times[i])
    matrix = spice.mxm(spice.axisar(axis, angle * part), start)
    constant = track.get("constant_rotation")
    return matrix if constant is None else spice.mxm([constant[0:3], constant[3:6], constant[6:9]], matrix)


def position(table, time):
    """Hermite polynomial through the four nearest records; times from the first of them, to keep digits."""
    times = table["ephemeris_times"]
    first = min(max(bisect.bisect_right(times, time) - 2, 0), len(times) - 4)
    rows = range(first, first + 4)
    xs = [times[i] - times[first] for i in rows]
    at = []
    for k in range(3):
        ys = [y for i in rows for y in (table["positions"][i][k], table["velocities"][i][k])]
        at.append(spice.hrmint(xs, ys, time - times[first])[0])
    return at


def place(isd, sample, line):
    first_line, offset, rate = isd["line_scan_rate"][0]
    time = isd["center_ephemeris_time"] + offset + rate * (line + 0.5 - first_line)
    detector = sample * isd["detector_sample_summing"] + isd["starting_detector_sample"]
    y = (detector - isd["detector_center"]["sample"]) / isd["focal2pixel_samples"][2]
    y /= 1 + isd["optical_distortion"]["lrolrocnac"]["coefficients"][0] * y * y
    look = spice.vhat([0, y, isd["focal_length_model"]["focal_length"]])
    body = rotation(isd["body_rotation"], time)
    direction = spice.mxv(body, spice.mtxv(rotation(isd["instrument_pointing"], time), look))
    origin = spice.mxv(body, position(isd["instrument_position"], time))
    point = spice.surfpt(origin, direction, 1737.4, 1737.4, 1737.4)
    _, lon, lat = spice.reclat(point[0] if isinstance(point, tuple) else point)
    return [math.degrees(lon), math.degrees(lat)]


def main():
    task = json.load(sys.stdin)
    with open(task["isd"], encoding="utf-8") as file:
        isd = json.load(file)
    places = [place(isd, sample, line) for sample, line in task["pixels"]]
    json.dump({"spice": spice.tkvrsn("TOOLKIT"), "places": places}, sys.stdout)


main()
