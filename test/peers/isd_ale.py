"""Places pixels of a line-scan ISD by the rotations of ALE, the USGS library that writes such files, and by SciPy.

stdin: {"isd": path, "pixels": [[sample, line], ...]}; stdout: {"ale": version, "places": [[lon, lat], ...]}, degrees.
"""

import importlib.metadata
import importlib.util
import json
import os
import sys

import numpy as np
from scipy.interpolate import KroghInterpolator
from scipy.spatial.transform import Rotation

MOON_KM = 1737.4


def load_rotation():
    """The module alone: the package around it wants the kernels and the readers of every mission."""
    package = os.path.dirname(importlib.util.find_spec("ale").origin)
    spec = importlib.util.spec_from_file_location("ale_rotation", os.path.join(package, "rotation.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ale = load_rotation()
J2000, FRAME, FIXED = 1, 2, 3


def chain(track, times):
    """J2000 to the track's frame at times, as SciPy's rotations; ALE has the scalar last, an ISD first."""
    quaternions = np.asarray(track["quaternions"])[:, [1, 2, 3, 0]]
    turning = ale.TimeDependentRotation(quaternions, np.asarray(track["ephemeris_times"]), J2000, FRAME)
    turning = turning.reinterpolate(times)
    constant = track.get("constant_rotation")
    if constant is not None:
        fixed = Rotation.from_matrix(np.reshape(constant, (3, 3))).as_quat()
        turning = ale.ConstantRotation(fixed, FRAME, FIXED) * turning
    return Rotation.from_quat(turning.quats)


def position(table, time):
    """The polynomial through positions and velocities of the four nearest records."""
    times = np.asarray(table["ephemeris_times"])
    first = min(max(int(np.searchsorted(times, time, side="right")) - 2, 0), len(times) - 4)
    rows = range(first, first + 4)
    nodes = np.repeat(times[first : first + 4] - times[first], 2)
    values = [row for i in rows for row in (table["positions"][i], table["velocities"][i])]
    return KroghInterpolator(nodes, np.asarray(values))(time - times[first])


def places(isd, pixels):
    samples, lines = np.asarray(pixels).T
    first_line, offset, rate = isd["line_scan_rate"][0]
    times = isd["center_ephemeris_time"] + offset + rate * (lines + 0.5 - first_line)
    detectors = samples * isd["detector_sample_summing"] + isd["starting_detector_sample"]
    y = (detectors - isd["detector_center"]["sample"]) / isd["focal2pixel_samples"][2]
    y = y / (1 + isd["optical_distortion"]["lrolrocnac"]["coefficients"][0] * y * y)
    focal = np.full_like(y, isd["focal_length_model"]["focal_length"])
    looks = np.stack([np.zeros_like(y), y, focal], axis=1)
    body = chain(isd["body_rotation"], times)
    directions = (body * chain(isd["instrument_pointing"], times).inv()).apply(looks)
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    origins = body.apply([position(isd["instrument_position"], time) for time in times])
    along = np.einsum("ij,ij->i", origins, directions)
    feet = origins - along[:, None] * directions
    distances = -along - np.sqrt(MOON_KM**2 - np.einsum("ij,ij->i", feet, feet))
    x, y, z = (origins + distances[:, None] * directions).T
    return np.degrees(np.stack([np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))], axis=1))


def main():
    task = json.load(sys.stdin)
    with open(task["isd"], encoding="utf-8") as file:
        isd = json.load(file)
    answer = {"ale": importlib.metadata.version("ale"), "places": places(isd, task["pixels"]).tolist()}
    json.dump(answer, sys.stdout)


main()
