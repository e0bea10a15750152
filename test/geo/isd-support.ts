import { MOON_RADIUS_M, type LonLat, type PixelPoint } from '../../src/domain/geometry.js';
import type { Layout } from './support.js';

type Vector = [number, number, number];

const DEGREE = Math.PI / 180;
const FOCAL_MM = 699.62;
const PITCH_MM = 0.007;
const DISTORTION = 1.81e-5;
const DETECTORS = 5064;
/** Turn of the Moon, radians per second. */
const SPIN = 2.66e-6;
const MID_TIME = 3e8;

/** A circular orbit straight over an image's centre, looking down; `acrossM` follows from the altitude. */
export interface Pass extends Pick<Layout, 'center' | 'headingDeg' | 'mirrored' | 'lines' | 'alongM'> {
  readonly altitudeM: number;
  /** 1 or 2: 5064 or 2532 samples. */
  readonly summing: number;
  /** Direction of the Sun, a place where it stands in the zenith. */
  readonly subSolar: LonLat;
  /** Whether detectors are counted against the camera's y axis, as on the right-hand camera. */
  readonly reversed?: boolean;
}

const LINE_S = 0.001;

export function passSize({ lines, summing }: Pass): { width: number; height: number } {
  return { width: DETECTORS / summing, height: lines };
}

/** Where a pixel of a pass lies, by the triangle of camera, Moon's centre and ground: no ray, no interpolation. */
export function passPlace(pass: Pass, { sample, line }: PixelPoint): LonLat {
  const { up, ahead, side } = axes(pass);
  const theta = ((line - pass.lines / 2) * pass.alongM) / MOON_RADIUS_M;
  const y = (sample * pass.summing - DETECTORS / 2) * PITCH_MM;
  const alpha = Math.atan(y / (1 + DISTORTION * y * y) / FOCAL_MM);
  const psi = Math.asin(((MOON_RADIUS_M + pass.altitudeM) / MOON_RADIUS_M) * Math.sin(alpha)) - alpha;
  return lonLat(
    combine(
      [Math.cos(psi) * Math.cos(theta), up],
      [Math.cos(psi) * Math.sin(theta), ahead],
      [Math.sin(psi), side],
    ),
  );
}

/** The camera model of a pass as ALE writes it, as plain JSON. */
export function passIsd(pass: Pass) {
  const { up, ahead, side } = axes(pass);
  const seconds = pass.lines * LINE_S;
  const records = Math.max(4, Math.ceil(seconds / 0.5)) + 1;
  const times = Array.from({ length: records }, (_, i) => (i / (records - 1) - 0.5) * seconds);
  const speed = pass.alongM / LINE_S / MOON_RADIUS_M;
  const radiusKm = (MOON_RADIUS_M + pass.altitudeM) / 1000;
  // Body-fixed vectors into J2000: the constant rotation and the spin undone.
  const inertial = (v: Vector, t: number) => turnZ(transposed(CONSTANT, v), SPIN * t);
  const positions = times.map((t) => {
    const [c, s] = [Math.cos(speed * t), Math.sin(speed * t)];
    return inertial(combine([radiusKm * c, up], [radiusKm * s, ahead]), t);
  });
  const velocities = times.map((t, i) => {
    const [c, s] = [Math.cos(speed * t), Math.sin(speed * t)];
    const moving = inertial(combine([-radiusKm * speed * s, up], [radiusKm * speed * c, ahead]), t);
    const [x, y] = positions[i] as Vector;
    return [moving[0] - SPIN * y, moving[1] + SPIN * x, moving[2]];
  });
  const pointing = times.map((t) => {
    const down = combine([-Math.cos(speed * t), up], [-Math.sin(speed * t), ahead]);
    const y = combine([pass.reversed === true ? -1 : 1, side]);
    return quaternion([inertial(cross(y, down), t), inertial(y, t), inertial(down, t)]);
  });
  const ephemerisTimes = times.map((t) => MID_TIME + t);
  const samples = (pass.reversed === true ? -1 : 1) / PITCH_MM;
  return {
    name_model: 'USGS_ASTRO_LINE_SCANNER_SENSOR_MODEL',
    interpolation_method: 'lagrange',
    image_lines: 1,
    image_samples: 1,
    line_scan_rate: [[0.5, -seconds / 2, LINE_S]],
    center_ephemeris_time: MID_TIME,
    radii: { semimajor: 1737.4, semiminor: 1737.4, unit: 'km' },
    body_rotation: {
      time_dependent_frames: [31006, 1],
      constant_frames: [31001, 31006],
      constant_rotation: CONSTANT.flat(),
      ephemeris_times: ephemerisTimes,
      quaternions: times.map((t) => [Math.cos((SPIN * t) / 2), 0, 0, -Math.sin((SPIN * t) / 2)]),
      reference_frame: 1,
    },
    instrument_pointing: {
      time_dependent_frames: [-85600, 1],
      ephemeris_times: ephemerisTimes,
      quaternions: pointing,
      reference_frame: 1,
    },
    instrument_position: { ephemeris_times: ephemerisTimes, positions, velocities, reference_frame: 1 },
    sun_position: {
      ephemeris_times: [MID_TIME],
      positions: [inertial(combine([1.5e8, vector(pass.subSolar)]), 0)],
      velocities: [[0, 0, 0]],
      reference_frame: 1,
    },
    detector_sample_summing: pass.summing,
    detector_line_summing: pass.summing,
    starting_detector_sample: 0,
    starting_detector_line: 0,
    detector_center: { sample: DETECTORS / 2, line: 0 },
    focal_length_model: { focal_length: FOCAL_MM },
    focal2pixel_lines: [0, 1 / PITCH_MM, 0],
    focal2pixel_samples: [0, 0, samples],
    optical_distortion: { lrolrocnac: { coefficients: [DISTORTION] } },
    naif_keywords: { BODY_CODE: 301 },
  };
}

/** Up at the centre, the way that lines run, and the way that samples run: unit vectors. */
function axes({ center, headingDeg, mirrored }: Pass) {
  const up = vector(center);
  const [l, p, h] = [center.lon * DEGREE, center.lat * DEGREE, headingDeg * DEGREE];
  const north: Vector = [-Math.sin(p) * Math.cos(l), -Math.sin(p) * Math.sin(l), Math.cos(p)];
  const east: Vector = [-Math.sin(l), Math.cos(l), 0];
  const ahead = combine([Math.cos(h), north], [Math.sin(h), east]);
  return { up, ahead, side: combine([mirrored ? -1 : 1, cross(up, ahead)]) };
}

const TILT = 4e-4;
const CONSTANT: [Vector, Vector, Vector] = [
  [Math.cos(TILT), 0, Math.sin(TILT)],
  [0, 1, 0],
  [-Math.sin(TILT), 0, Math.cos(TILT)],
];

function transposed(m: readonly [Vector, Vector, Vector], v: Vector): Vector {
  return combine([v[0], m[0]], [v[1], m[1]], [v[2], m[2]]);
}

function turnZ([x, y, z]: Vector, angle: number): Vector {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c * x - s * y, s * x + c * y, z];
}

/** [w, x, y, z] of the rotation with these rows, by the largest of the four squares. */
function quaternion(rows: readonly [Vector, Vector, Vector]): number[] {
  const [[a, b, c], [d, e, f], [g, h, i]] = rows;
  const candidates = [
    [1 + a + e + i, h - f, c - g, d - b],
    [h - f, 1 + a - e - i, b + d, c + g],
    [c - g, b + d, 1 - a + e - i, f + h],
    [d - b, c + g, f + h, 1 - a - e + i],
  ];
  const best = candidates.reduce((x, y) => (Math.hypot(...x) >= Math.hypot(...y) ? x : y));
  const length = Math.hypot(...best);
  return best.map((value) => value / length);
}

function vector({ lon, lat }: LonLat): Vector {
  const [l, p] = [lon * DEGREE, lat * DEGREE];
  return [Math.cos(p) * Math.cos(l), Math.cos(p) * Math.sin(l), Math.sin(p)];
}

function lonLat([x, y, z]: Vector): LonLat {
  return { lon: Math.atan2(y, x) / DEGREE, lat: Math.atan2(z, Math.hypot(x, y)) / DEGREE };
}

function combine(...parts: [number, readonly number[]][]): Vector {
  const at = (k: number) => parts.reduce((sum, [weight, v]) => sum + weight * (v[k] ?? NaN), 0);
  return [at(0), at(1), at(2)];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
