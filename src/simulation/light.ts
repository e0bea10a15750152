import type { PixelVector } from '../domain/geometry.js';

/**
 * How a scene is lit and how its pixels lie on the ground. Ground lengths and heights are in units of the
 * mean pixel (geometric mean of its two sides), so that a scene looks alike at every scale.
 */
export interface Light {
  /** Sides of a pixel on the ground in mean pixels; their product is 1. */
  readonly sideX: number;
  readonly sideY: number;
  /** Unit vector in the image, towards the Sun. */
  readonly image: PixelVector;
  /** The same direction on the ground, unit vector. */
  readonly ground: PixelVector;
  readonly sin: number;
  readonly cos: number;
  /** Tangent of the incidence: length of the shadow of a height of 1. */
  readonly tan: number;
  /** Pixels along the Sun's direction for one unit on the ground. */
  readonly pixelsPerUnit: number;
  /** Weight of Lommel-Seeliger against Lambert (lunar-Lambert function, McEwen 1991). */
  readonly lunarWeight: number;
  /** Reflectance of level ground relative to that under an overhead Sun. */
  readonly level: number;
  /** Longest shadow that is followed, pixels. */
  readonly reach: number;
}

/** Depth of the deepest caster whose whole shadow is followed, mean pixels. */
const DEEPEST = 100;
const LONGEST_SHADOW = 400;

/** @param towardsSun unit vector in pixels. @param incidenceDeg 0 (overhead) to below 90. */
export function lightOf(
  towardsSun: PixelVector,
  incidenceDeg: number,
  pixelAcrossM: number,
  pixelAlongM: number,
): Light {
  const mean = Math.sqrt(pixelAcrossM * pixelAlongM);
  const sideX = pixelAcrossM / mean;
  const sideY = pixelAlongM / mean;
  const length = Math.hypot(towardsSun.x, towardsSun.y);
  const image = { x: towardsSun.x / length, y: towardsSun.y / length };
  const onGround = Math.hypot(image.x * sideX, image.y * sideY);
  const incidence = (incidenceDeg * Math.PI) / 180;
  const tan = Math.max(1e-3, Math.tan(incidence));
  const pixelsPerUnit = 1 / onGround;
  const weight = lunarWeight(incidenceDeg);
  const cos = Math.cos(incidence);
  return {
    sideX,
    sideY,
    image,
    ground: { x: (image.x * sideX) / onGround, y: (image.y * sideY) / onGround },
    sin: Math.sin(incidence),
    cos,
    tan,
    pixelsPerUnit,
    lunarWeight: weight,
    level: (2 * weight * cos) / (1 + cos) + (1 - weight) * cos,
    reach: Math.ceil(Math.min(LONGEST_SHADOW, Math.max(48, DEEPEST * tan * pixelsPerUnit))),
  };
}

/** The camera looks straight down, so the phase angle is the incidence. */
function lunarWeight(phase: number): number {
  return Math.max(0.1, Math.min(1, 1 - 0.019 * phase + 2.42e-4 * phase ** 2 - 1.46e-6 * phase ** 3));
}
