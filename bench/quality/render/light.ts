import type { PixelVector } from '../../../src/domain/geometry.js';
import { cast, unit, type Exit, type Solid, type Vector } from './solid.js';

/** Rays a pixel side. */
const RAYS = 4;
/** Angular radius of the Sun, radians: it makes the penumbra. */
const SUN_RADIUS = 0.00465;
const SUN_POINTS = 8;
/** Light that reaches shadows from the lit ground around, as a share of the Sun's on level ground. */
const SCATTERED = 0.05;
/** Blur of the camera, px. */
const PSF_SIGMA = 0.7;
const PSF_REACH = 3;

export interface Light {
  /** Unit vector in the image in which shadows fall. */
  readonly shadow: PixelVector;
  /** Angle of the Sun from the vertical. */
  readonly incidenceDeg: number;
  /** Where the camera is, seen from the ground. */
  readonly towardsCamera: Vector;
}

/**
 * What an object does to a window of the image after the camera's blur: radiance = ground * `ground` +
 * level of the ground around * `body`.
 */
export interface Rendering {
  /** Upper-left pixel. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Share of the ground's light that is left: 1 untouched, 0 hidden, in between shadow and borders. */
  readonly ground: Float32Array;
  /** Light of the object itself, sunlit level ground = 1. */
  readonly body: Float32Array;
}

/**
 * Casts rays from the camera at an object that stands on level ground, and from what they hit towards points of
 * the Sun's disc. Surfaces scatter as Lambert's.
 *
 * @param most brightest that a surface may be, level ground = 1
 */
export function renderBody(
  solids: readonly Solid[],
  at: { readonly x: number; readonly y: number },
  light: Light,
  most: number,
): Rendering {
  const incidence = (light.incidenceDeg * Math.PI) / 180;
  const window = windowOf(solids, at, light, Math.tan(incidence));
  const { left, top, width, height } = window;
  const ground = new Float32Array(width * height);
  const body = new Float32Array(width * height);
  const suns = sunPoints(light.shadow, incidence);
  const level = Math.cos(incidence);
  const weight = 1 / RAYS ** 2;
  const exit: Exit = { enter: 0, t: 0, nx: 0, ny: 0, nz: 0 };
  for (let p = 0; p < width * height; p++) {
    for (let s = 0; s < RAYS ** 2; s++) {
      const foot = {
        x: left + (p % width) + ((s % RAYS) + 0.5) / RAYS - at.x,
        y: top + Math.floor(p / width) + (Math.floor(s / RAYS) + 0.5) / RAYS - at.y,
        z: 0,
      };
      const sun = suns[(p * 7 + s * 3) % SUN_POINTS]!;
      let seen: Solid | null = null;
      let t = 1e-9;
      let normal = { x: 0, y: 0, z: 1 };
      for (const solid of solids) {
        if (!cast(solid, foot, light.towardsCamera, exit) || exit.t <= t) continue;
        seen = solid;
        t = exit.t;
        normal = { x: exit.nx, y: exit.ny, z: exit.nz };
      }
      const place = seen === null ? foot : along(foot, light.towardsCamera, t);
      const facing = normal.x * sun.x + normal.y * sun.y + normal.z * sun.z;
      const lit = facing > 0 && !shaded(solids, along(place, normal, 1e-4), sun, exit);
      if (seen === null) ground[p]! += weight * (lit ? 1 : SCATTERED);
      else body[p]! += weight * Math.min(most, seen.albedo * ((lit ? facing / level : 0) + SCATTERED));
    }
  }
  return { ...window, ground: blurred(ground, width, height, 1), body: blurred(body, width, height, 0) };
}

function along(from: Vector, direction: Vector, t: number): Vector {
  return { x: from.x + t * direction.x, y: from.y + t * direction.y, z: from.z + t * direction.z };
}

function shaded(solids: readonly Solid[], from: Vector, sun: Vector, exit: Exit): boolean {
  return solids.some((solid) => cast(solid, from, sun, exit) && exit.t > 1e-3);
}

/** The object, its shadow on level ground and the blur. */
function windowOf(
  solids: readonly Solid[],
  at: { readonly x: number; readonly y: number },
  light: Light,
  shadowPerHeight: number,
): Pick<Rendering, 'left' | 'top' | 'width' | 'height'> {
  const lean = light.towardsCamera;
  const xs: number[] = [];
  const ys: number[] = [];
  for (const { centre, reach, top } of solids) {
    const z = Math.max(0, top);
    for (const side of [-reach, reach]) {
      xs.push(centre.x + side, centre.x + side + light.shadow.x * z * shadowPerHeight);
      ys.push(centre.y + side, centre.y + side + light.shadow.y * z * shadowPerHeight);
      xs.push(centre.x + side - (lean.x / lean.z) * z);
      ys.push(centre.y + side - (lean.y / lean.z) * z);
    }
  }
  const margin = PSF_REACH + 1;
  const left = Math.floor(at.x + Math.min(...xs)) - margin;
  const upper = Math.floor(at.y + Math.min(...ys)) - margin;
  return {
    left,
    top: upper,
    width: Math.ceil(at.x + Math.max(...xs)) + margin - left,
    height: Math.ceil(at.y + Math.max(...ys)) + margin - upper,
  };
}

/** Directions towards points spread over the Sun's disc. */
function sunPoints(shadow: PixelVector, incidence: number): Vector[] {
  return Array.from({ length: SUN_POINTS }, (_, i) => {
    const radius = SUN_RADIUS * Math.sqrt((i + 0.5) / SUN_POINTS);
    const angle = i * 2.399963;
    const tilt = incidence + radius * Math.cos(angle);
    const aside = (radius * Math.sin(angle)) / Math.sin(incidence);
    const x = -shadow.x * Math.cos(aside) + shadow.y * Math.sin(aside);
    const y = -shadow.x * Math.sin(aside) - shadow.y * Math.cos(aside);
    return unit({ x: x * Math.sin(tilt), y: y * Math.sin(tilt), z: Math.cos(tilt) });
  });
}

/** Gaussian blur of the camera; `outside` is what lies beyond the window. */
export function blurred(plane: Float32Array, width: number, height: number, outside: number): Float32Array {
  const kernel = Array.from({ length: 2 * PSF_REACH + 1 }, (_, k) =>
    Math.exp((-0.5 * (k - PSF_REACH) ** 2) / PSF_SIGMA ** 2),
  );
  const total = kernel.reduce((a, b) => a + b);
  const pass = (from: Float32Array, dx: number, dy: number): Float32Array =>
    from.map((_, p) => {
      const x = p % width;
      const y = Math.floor(p / width);
      let sum = 0;
      kernel.forEach((w, k) => {
        const u = x + dx * (k - PSF_REACH);
        const v = y + dy * (k - PSF_REACH);
        sum += w * (u < 0 || v < 0 || u >= width || v >= height ? outside : from[v * width + u]!);
      });
      return sum / total;
    });
  return pass(pass(plane, 1, 0), 0, 1);
}
