import { intervalOf } from './interval.js';
import type { EphemerisTable, Isd } from './isd-schema.js';

/** Records that a Lagrange polynomial goes through, as the Community Sensor Model of the USGS has it. */
const LAGRANGE_RECORDS = 8;

/** Writes a position in J2000, km, at a time. */
export type Ephemeris = (time: number, out: Float64Array) => void;

/**
 * Course of a body from a table of positions in km. Where velocities are given a cubic Hermite spline goes
 * through both: ISIS thins its tables for just that. Without them the method that the ISD names decides: linear,
 * or a Lagrange polynomial through the eight nearest records. On M103595705LE, 25 records up to 6.7 s apart, the
 * spline and the polynomial agree within a micrometre, and linear is 0.42 m off.
 */
export function ephemerisOf(table: EphemerisTable, method: Isd['interpolation_method']): Ephemeris {
  const times = Float64Array.from(table.ephemeris_times);
  const positions = Float64Array.from(table.positions.flat());
  const velocities = table.velocities === undefined ? null : Float64Array.from(table.velocities.flat());
  if (times.length === 1) return steady(times, positions, velocities);
  if (velocities !== null) return hermite(times, positions, velocities);
  return lagrange(times, positions, method === 'linear' ? 2 : LAGRANGE_RECORDS);
}

function steady(times: Float64Array, positions: Float64Array, velocities: Float64Array | null): Ephemeris {
  return (time, out) => {
    for (let k = 0; k < 3; k++)
      out[k] = (positions[k] ?? NaN) + (velocities?.[k] ?? 0) * (time - (times[0] ?? NaN));
  };
}

function hermite(times: Float64Array, positions: Float64Array, velocities: Float64Array): Ephemeris {
  return (time, out) => {
    const i = intervalOf(times, time);
    const from = times[i] ?? NaN;
    const step = (times[i + 1] ?? NaN) - from;
    const u = (time - from) / step;
    const v = 1 - u;
    const [p0, p1] = [(1 + 2 * u) * v * v, (1 + 2 * v) * u * u];
    const [v0, v1] = [u * v * v * step, -v * u * u * step];
    for (let k = 3 * i; k < 3 * i + 3; k++)
      out[k - 3 * i] =
        p0 * (positions[k] ?? NaN) +
        p1 * (positions[k + 3] ?? NaN) +
        v0 * (velocities[k] ?? NaN) +
        v1 * (velocities[k + 3] ?? NaN);
  };
}

function lagrange(times: Float64Array, positions: Float64Array, records: number): Ephemeris {
  const used = Math.min(records, times.length);
  return (time, out) => {
    const middle = intervalOf(times, time) - (used >> 1) + 1;
    const first = Math.max(0, Math.min(times.length - used, middle));
    out.fill(0, 0, 3);
    for (let i = first; i < first + used; i++) {
      let weight = 1;
      for (let j = first; j < first + used; j++)
        if (j !== i) weight *= (time - (times[j] ?? NaN)) / ((times[i] ?? NaN) - (times[j] ?? NaN));
      for (let k = 0; k < 3; k++) out[k] = (out[k] ?? NaN) + weight * (positions[3 * i + k] ?? NaN);
    }
  };
}
