import { MOON_RADIUS_M, type LonLat, type PixelPoint } from '../domain/geometry.js';
import type { IsdFacts } from '../domain/isd-facts.js';
import { utcOf } from './ephemeris-time.js';
import { createIsdModel } from './isd-model.js';
import { parseIsd } from './isd-schema.js';
import { lineScanCamera } from './line-scan-camera.js';
import { DEGREE, dot, type Vector3 } from './sphere.js';

/**
 * Place, time and light of an image by its camera model (ISD).
 * @param isd parsed JSON
 * @throws InvalidProductError as `createIsdModel`
 */
export function isdFacts(
  isd: unknown,
  image: { readonly lines: number; readonly samples: number },
): IsdFacts {
  const { lines, samples } = image;
  const model = createIsdModel(isd, { width: samples, height: lines });
  const camera = lineScanCamera(parseIsd(isd));
  const place = ({ sample, line }: PixelPoint): LonLat => {
    const { lon, lat } = model.locate({ sample, line }, 0);
    return { lon, lat };
  };
  const middle = { sample: samples / 2, line: lines / 2 };
  const [right, bottom] = [samples - 0.5, lines - 0.5];
  const { acrossM, alongM } = model.pixelSize(middle);
  const { ground, direction, origin } = camera.look(middle.sample, middle.line);
  const here = vectorOf(ground);
  const sun = camera.sunAt(camera.timeOf(middle.line));
  const towardsSun: Vector3 = [sun[0] - here[0], sun[1] - here[1], sun[2] - here[2]];
  const towardsCamera = vectorOf(direction).map((value) => -value) as unknown as Vector3;
  return {
    corners: {
      upperLeft: place({ sample: 0.5, line: 0.5 }),
      upperRight: place({ sample: right, line: 0.5 }),
      lowerRight: place({ sample: right, line: bottom }),
      lowerLeft: place({ sample: 0.5, line: bottom }),
    },
    center: place(middle),
    subSolar: model.subSolar,
    startTime: utcOf(camera.timeOf(0)),
    stopTime: utcOf(camera.timeOf(lines)),
    incidenceDeg: betweenDeg(here, towardsSun),
    emissionDeg: betweenDeg(here, towardsCamera),
    phaseDeg: betweenDeg(towardsSun, towardsCamera),
    pixelWidthM: acrossM,
    pixelHeightM: alongM,
    spacecraftAltitudeKm: (Math.hypot(...vectorOf(origin)) - MOON_RADIUS_M) / 1000,
  };
}

function betweenDeg(a: Vector3, b: Vector3): number {
  const cosine = dot(a, b) / (Math.hypot(...a) * Math.hypot(...b));
  return Math.acos(Math.max(-1, Math.min(1, cosine))) / DEGREE;
}

/** A copy: the camera uses its vectors again. */
function vectorOf(v: Float64Array): Vector3 {
  return [v[0] ?? NaN, v[1] ?? NaN, v[2] ?? NaN];
}
