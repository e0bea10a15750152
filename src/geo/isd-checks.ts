import { MOON_RADIUS_M, type GroundModel, type PixelPoint } from '../domain/geometry.js';
import { isdError, type Isd } from './isd-schema.js';
import type { LineScanCamera } from './line-scan-camera.js';

/*
 * Whether a description (ISD) is of the image at hand and of the Moon: what would place every pixel wrongly is refused,
 * in one sentence that names the field.
 */

/** Radii within this of the Moon's are the Moon's. */
const RADIUS_TOLERANCE_M = 10_000;

/** Lines that the tables may fall short of the image: their ends are rounded, or in the middle of a line. */
const LINES_SHORT = 2;

/** Where a camera in lunar orbit may be, metres from the centre: outside the Moon, inside its sphere of influence. */
const ORBIT_M: readonly [number, number] = [MOON_RADIUS_M, 66_000_000];
/** Edges of a pixel on the ground that a camera in such an orbit may have, metres. */
const PIXEL_M: readonly [number, number] = [0.001, 100_000];

/** Size of the image at hand, pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** @throws InvalidProductError for one too small to place */
export function checkImage({ width, height }: ImageSize): void {
  if (!(width >= 2 && height >= 2))
    throw isdError(`cannot place an image of ${width} x ${height} pixels, which needs 2 of each`);
}

/** @throws InvalidProductError for a description of another body than the Moon */
export function checkBody({ radii }: Isd): void {
  const scale = radii.unit === 'km' ? 1000 : 1;
  for (const axis of ['semimajor', 'semiminor'] as const)
    if (Math.abs(radii[axis] * scale - MOON_RADIUS_M) > RADIUS_TOLERANCE_M)
      throw isdError(`is ${radii[axis]} ${radii.unit}, which is not the Moon's`, `radii.${axis}`);
}

/**
 * Another image's tables, or those of a crop, end before this image does.
 * @throws InvalidProductError naming the table that does
 */
export function checkTimes(isd: Isd, { timeOf }: LineScanCamera, { height }: ImageSize): void {
  const [start, end] = [timeOf(0), timeOf(height)];
  const spare = (LINES_SHORT * (end - start)) / height;
  for (const field of ['body_rotation', 'instrument_pointing', 'instrument_position'] as const) {
    const times = isd[field].ephemeris_times;
    const [first, last] = [times[0] ?? NaN, times.at(-1) ?? NaN];
    if (!(first <= start + spare && last >= end - spare))
      throw isdError(
        `covers ${(last - first).toFixed(3)} s where the image's ${height} lines take ${(end - start).toFixed(3)} s`,
        `${field}.ephemeris_times`,
      );
  }
}

/** @throws InvalidProductError where the camera is not in lunar orbit, or looks past the Moon */
export function checkSight(camera: LineScanCamera, { width, height }: ImageSize): void {
  const { origin } = camera.look(width / 2, height / 2);
  const away = Math.hypot(...origin);
  if (!(away > ORBIT_M[0] && away < ORBIT_M[1]))
    throw isdError(
      `puts the camera ${(away / 1000).toFixed(0)} km from the Moon's centre`,
      'instrument_position.positions',
    );
  for (const { sample, line } of cornersAndMiddle({ width, height }))
    if (Number.isNaN(camera.look(sample, line).ground[0]))
      throw isdError(
        `looks past the Moon at sample ${sample}, line ${line}`,
        'instrument_pointing.quaternions',
      );
}

/** @throws InvalidProductError where pixels come out too small or large, or the Sun nowhere */
export function checkPixels(model: Pick<GroundModel, 'pixelSize' | 'towardsSun'>, image: ImageSize): void {
  for (const point of cornersAndMiddle(image)) {
    const { acrossM, alongM } = model.pixelSize(point);
    const isSize = (metres: number) => metres > PIXEL_M[0] && metres < PIXEL_M[1];
    if (!isSize(acrossM) || !isSize(alongM))
      throw isdError(
        `makes pixels of ${acrossM.toPrecision(3)} x ${alongM.toPrecision(3)} m at sample ${point.sample}, line ${point.line}`,
      );
    const { x, y } = model.towardsSun(point);
    if (!Number.isFinite(x) || !Number.isFinite(y))
      throw isdError('does not tell where the Sun is', 'sun_position.positions');
  }
}

/** What a user should know of a description that is used all the same, each one sentence. */
export function remarksOn(isd: Isd, image: ImageSize): string[] {
  const { semimajor, semiminor, unit: lengthUnit } = isd.radii;
  const radius = MOON_RADIUS_M / (lengthUnit === 'km' ? 1000 : 1);
  const remarks: string[] = [];
  if (semimajor !== radius || semiminor !== radius)
    remarks.push(
      `The camera model's (ISD) radii are ${semimajor} and ${semiminor} ${lengthUnit}; places are on the sphere of ${radius} ${lengthUnit} instead.`,
    );
  const [lines, samples] = [isd.image_lines ?? 1, isd.image_samples ?? 1];
  if ((lines > 1 && lines !== image.height) || (samples > 1 && samples !== image.width))
    remarks.push(
      `The camera model (ISD) is of an image of ${samples} x ${lines} pixels and this one has ${image.width} x ${image.height}; its first pixel is taken to be the same.`,
    );
  return remarks;
}

/** Where a model of the image is tried. */
export function cornersAndMiddle({ width, height }: ImageSize): PixelPoint[] {
  return [
    { sample: width / 2, line: height / 2 },
    { sample: 0, line: 0 },
    { sample: width, line: 0 },
    { sample: width, line: height },
    { sample: 0, line: height },
  ];
}
