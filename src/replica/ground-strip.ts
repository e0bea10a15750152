import type { Corners, LonLat, PixelPoint, PixelVector } from '../domain/geometry.js';
import { RADIANS, angularDistance, bearing, destination, metresToDegrees, wrap360 } from './sphere.js';

/** An ideal pushbroom strip on the sphere: lines follow a great circle, each line lies square to it. */
export interface StripGeometry {
  /** Ground point of the middle of the image. */
  readonly center: LonLat;
  /** Bearing at the centre in which line numbers grow, degrees clockwise from north. */
  readonly headingDeg: number;
  /** Seen from above, samples grow to the right of the heading when mirrored, to its left when not. */
  readonly mirrored: boolean;
  readonly lines: number;
  readonly samples: number;
  readonly pixelAcrossM: number;
  readonly pixelAlongM: number;
}

/** The replica's exact pixel-to-ground mapping: the truth that everything else is derived from. */
export class GroundStrip {
  readonly geometry: StripGeometry;

  constructor(geometry: StripGeometry) {
    this.geometry = geometry;
  }

  /** Ground point of a pixel position (0-based, pixel centre + 0.5). */
  locate({ line, sample }: PixelPoint): LonLat {
    const { center, headingDeg, mirrored, lines, samples, pixelAlongM, pixelAcrossM } = this.geometry;
    const along = metresToDegrees((line - lines / 2) * pixelAlongM);
    const across = metresToDegrees((sample - samples / 2) * pixelAcrossM);
    const track = destination(center, headingDeg, along);
    // 90 degrees ahead on the track's great circle: bearings to it stay exact when `along` is zero or negative.
    const ahead = bearing(track, destination(center, headingDeg, along + 90));
    return destination(track, ahead + (mirrored ? 90 : -90), across);
  }

  /** Ground points of the centres of the four outer pixels. */
  corners(): Corners {
    const { lines, samples } = this.geometry;
    const at = (line: number, sample: number) => this.locate({ line, sample });
    return {
      upperLeft: at(0.5, 0.5),
      upperRight: at(0.5, samples - 0.5),
      lowerRight: at(lines - 0.5, samples - 0.5),
      lowerLeft: at(lines - 0.5, 0.5),
    };
  }

  /** Bearing on the ground in which samples grow, at the centre. */
  sampleBearingDeg(): number {
    const { headingDeg, mirrored } = this.geometry;
    return wrap360(headingDeg + (mirrored ? 90 : -90));
  }

  /** Unit vector in pixels, at the centre, that points where `target` lies on the ground. */
  directionTo(target: LonLat): PixelVector {
    const { lines, samples } = this.geometry;
    const middle = { line: lines / 2, sample: samples / 2 };
    const from = this.locate(middle);
    const bySample = step(from, this.locate({ ...middle, sample: middle.sample + 1 }));
    const byLine = step(from, this.locate({ ...middle, line: middle.line + 1 }));
    const angle = bearing(from, target) * RADIANS;
    const [east, north] = [Math.sin(angle), Math.cos(angle)];
    const determinant = bySample.east * byLine.north - byLine.east * bySample.north;
    const x = (east * byLine.north - byLine.east * north) / determinant;
    const y = (bySample.east * north - east * bySample.north) / determinant;
    const length = Math.hypot(x, y);
    return { x: x / length, y: y / length };
  }
}

/** A small step on the ground as degrees of arc to the east and north. */
function step(from: LonLat, to: LonLat): { east: number; north: number } {
  const angle = bearing(from, to) * RADIANS;
  const distance = angularDistance(from, to);
  return { east: distance * Math.sin(angle), north: distance * Math.cos(angle) };
}
