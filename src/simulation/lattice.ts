/** A rectangle of whole pixel coordinates. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Values at the points of a region, row by row. Heights stand at pixel corners, radiances at centres. */
export interface Lattice extends Region {
  readonly data: Float32Array;
}

/** The region wider by a margin on each side. */
export function grown(region: Region, left: number, top: number, right: number, bottom: number): Region {
  return {
    x: region.x - left,
    y: region.y - top,
    width: region.width + left + right,
    height: region.height + top + bottom,
  };
}

/** Buffers that are used again for the next band, so that memory stays that of one band. */
export class Workspace {
  private readonly buffers = new Map<string, Float32Array>();

  /** A lattice over the region with undefined content, valid until the same name is asked for again. */
  lattice(name: string, region: Region): Lattice {
    const length = region.width * region.height;
    let buffer = this.buffers.get(name);
    if (buffer === undefined || buffer.length < length) {
      buffer = new Float32Array(length);
      this.buffers.set(name, buffer);
    }
    return { ...region, data: buffer.subarray(0, length) };
  }
}
