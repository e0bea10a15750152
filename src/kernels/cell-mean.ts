import { blurWideAcross, blurWideDown, pad, ringRow, rounded, VALUE } from './blur';
import { take } from './memory';

/** Half-width of the blur in cells. */
const RADIUS: i32 = 6;
const RING: i32 = 2 * RADIUS + 1;
/** Below this weight a mean stands on next to nothing. */
const LEAST_WEIGHT: f64 = 1e-3;
/** From this weight on nothing is missing. */
export const WHOLE_WEIGHT: f64 = 1 - 1e-5;

/** Means of a wide Gaussian, line by line; one strip at a time. */
export class CellMean {
  private data: usize = 0;
  private nulls: usize = 0;
  private stride: i32 = 0;
  private width: i32 = 0;
  private lines: i32 = 0;
  private firstLine: i32 = 0;
  private columns: i32 = 0;
  private firstRow: i32 = 0;
  private rows: i32 = 0;
  private pitch: i32 = 0;
  private padded: usize = 0;
  private paddedShares: usize = 0;
  /** Rows of cells that are blurred across, and the shares of these that are valid. */
  private sums: usize = 0;
  private shares: usize = 0;
  /** Two rows of means: row r lies at r % 2. */
  private means: usize = 0;
  private weights: usize = 0;
  private line: usize = 0;
  /** Rows of cells that come next: into the ring, and of means. */
  private fed: i32 = 0;
  private made: i32 = 0;

  /** @param cell 2 or 4 pixels a side @param kernel seven weights */
  constructor(
    private cell: i32,
    private kernel: usize,
  ) {}

  /** @param y first line whose means are wanted; those of others come in order */
  begin(data: usize, nulls: usize, stride: i32, width: i32, lines: i32, firstLine: i32, y: i32): void {
    const cell = this.cell;
    this.data = data;
    this.nulls = nulls;
    this.stride = stride;
    this.width = width;
    this.lines = lines;
    this.firstLine = firstLine;
    this.columns = (width + cell - 1) / cell;
    this.firstRow = firstLine / cell;
    this.rows = (firstLine + lines + cell - 1) / cell - this.firstRow;
    this.pitch = (this.columns + 2) * 8;
    this.padded = take(this.pitch + 16 * RADIUS) + <usize>RADIUS * VALUE;
    this.sums = take(RING * this.pitch);
    this.means = take(2 * this.pitch);
    // Drawing out goes by eight pixels and reads up to as many cells beyond the last one.
    this.line = take(this.pitch + 64);
    if (nulls !== 0) {
      this.paddedShares = take(this.pitch + 16 * RADIUS) + <usize>RADIUS * VALUE;
      this.shares = take(RING * this.pitch);
      this.weights = take(this.pitch);
    }
    this.made = min(max(<i32>Math.floor(this.placeOf(y)), 0), this.rows - 1);
    this.fed = max(0, this.made - RADIUS);
  }

  /** Writes the means of line `y`. */
  row(y: i32, out: usize): void {
    const place = this.placeOf(y);
    const upper = <i32>Math.floor(place);
    const share = place - Math.floor(place);
    const a = min(max(upper, 0), this.rows - 1);
    const b = min(max(upper + 1, 0), this.rows - 1);
    while (this.made <= b) this.make();
    const above = this.means + <usize>((a & 1) * this.pitch);
    const below = this.means + <usize>((b & 1) * this.pitch);
    const weightAbove = f64x2.splat(1 - share);
    const weightBelow = f64x2.splat(share);
    const line = this.line;
    const end = <usize>this.columns * VALUE;
    for (let at: usize = 0; at < end; at += 16) {
      const upperPart = f64x2.mul(v128.load(above + at), weightAbove);
      const lowerPart = f64x2.mul(v128.load(below + at), weightBelow);
      v128.store(line + at, rounded(f64x2.add(upperPart, lowerPart)));
    }
    store<f64>(line + end, load<f64>(line + end - VALUE));
    if (this.cell === 2) this.drawTwo(out);
    else this.drawFour(out);
  }

  /** Place of a line between the middles of rows of cells. */
  private placeOf(y: i32): f64 {
    return (<f64>(this.firstLine + y) + 0.5) / <f64>this.cell - 0.5 - <f64>this.firstRow;
  }

  /** Draws out the line from cell to cell: each value is the one before it and a step. */
  private drawTwo(out: usize): void {
    const line = this.line;
    const half = f64x2.splat(0.5);
    store<f64>(out, load<f64>(line));
    const end = out + <usize>this.width * VALUE;
    for (let to = out + VALUE, from = line; to < end; to += 32, from += 16) {
      const left = v128.load(from);
      const slope = f64x2.mul(f64x2.sub(v128.load(from, 8), left), half);
      const first = f64x2.add(left, f64x2.mul(slope, half));
      const value = rounded(first);
      const next = rounded(f64x2.add(first, slope));
      v128.store(to, f64x2.shuffle(value, next, 0, 2));
      v128.store(to, f64x2.shuffle(value, next, 1, 3), 16);
    }
  }

  private drawFour(out: usize): void {
    const line = this.line;
    const half = f64x2.splat(0.5);
    const quarter = f64x2.splat(0.25);
    v128.store(out, v128.load64_splat(line));
    const end = out + <usize>this.width * VALUE;
    for (let to = out + 2 * VALUE, from = line; to < end; to += 64, from += 16) {
      const left = v128.load(from);
      const slope = f64x2.mul(f64x2.sub(v128.load(from, 8), left), quarter);
      const a = f64x2.add(left, f64x2.mul(slope, half));
      const b = f64x2.add(a, slope);
      const c = f64x2.add(b, slope);
      const d = f64x2.add(c, slope);
      const first = rounded(a);
      const second = rounded(b);
      const third = rounded(c);
      const fourth = rounded(d);
      v128.store(to, f64x2.shuffle(first, second, 0, 2));
      v128.store(to, f64x2.shuffle(third, fourth, 0, 2), 16);
      v128.store(to, f64x2.shuffle(first, second, 1, 3), 32);
      v128.store(to, f64x2.shuffle(third, fourth, 1, 3), 48);
    }
  }

  /** Makes the next row of means. */
  private make(): void {
    const row = this.made++;
    const needed = min(this.rows, row + RADIUS + 1);
    while (this.fed < needed) this.feed();
    const mean = this.means + <usize>((row & 1) * this.pitch);
    blurWideDown(this.sums, this.pitch, row, this.rows, mean, this.columns, this.kernel, RADIUS);
    if (this.nulls === 0) return;
    const weights = this.weights;
    blurWideDown(this.shares, this.pitch, row, this.rows, weights, this.columns, this.kernel, RADIUS);
    const end = <usize>this.columns * VALUE;
    for (let at: usize = 0; at < end; at += VALUE) {
      const weight = load<f64>(weights + at);
      if (weight >= WHOLE_WEIGHT) continue;
      store<f64>(mean + at, weight < LEAST_WEIGHT ? 0 : <f64>(<f32>(load<f64>(mean + at) / weight)));
    }
  }

  /** Averages the next row of cells and blurs it across. */
  private feed(): void {
    const row = this.fed++;
    const top = (this.firstRow + row) * this.cell - this.firstLine;
    const from = max(0, top);
    const lines = min(this.lines, top + this.cell) - from;
    const data = this.data + <usize>(from * this.stride);
    if (this.nulls === 0) this.average(data, lines);
    else this.averageValid(data, this.nulls + <usize>(from * this.stride), lines);
    const at = ringRow(this.sums, RING, this.pitch, row, this.rows);
    pad(this.padded, this.columns, RADIUS);
    blurWideAcross(this.padded, at, this.columns, this.kernel, RADIUS);
    if (this.nulls === 0) return;
    pad(this.paddedShares, this.columns, RADIUS);
    const sharesAt = ringRow(this.shares, RING, this.pitch, row, this.rows);
    blurWideAcross(this.paddedShares, sharesAt, this.columns, this.kernel, RADIUS);
  }

  private average(data: usize, lines: i32): void {
    const cell = this.cell;
    const pixels = f64x2.splat(<f64>(lines * cell));
    const whole = this.width & ~15;
    let to = this.padded;
    for (let x = 0; x < whole; x += 16) {
      let sums = i16x8.splat(0);
      for (let line = 0; line < lines; line++) {
        const values = v128.load(data + <usize>(line * this.stride + x));
        sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_u(values));
      }
      if (cell === 2) {
        to = storeMeans(i32x4.extend_low_i16x8_u(sums), pixels, to);
        to = storeMeans(i32x4.extend_high_i16x8_u(sums), pixels, to);
      } else to = storeMeans(i32x4.extadd_pairwise_i16x8_u(sums), pixels, to);
    }
    for (let x = whole; x < this.width; x += cell) {
      const across = min(cell, this.width - x);
      let sum = 0;
      for (let line = 0; line < lines; line++)
        for (let i = 0; i < across; i++) sum += <i32>load<u8>(data + <usize>(line * this.stride + x + i));
      store<f64>(to, <f64>(<f32>(<f64>sum / <f64>(lines * across))));
      to += VALUE;
    }
  }

  private averageValid(data: usize, nulls: usize, lines: i32): void {
    const cell = this.cell;
    let at: usize = 0;
    for (let x = 0; x < this.width; x += cell, at += VALUE) {
      const across = min(cell, this.width - x);
      let sum = 0;
      let seen = 0;
      for (let line = 0; line < lines; line++) {
        for (let i = 0; i < across; i++) {
          const place = <usize>(line * this.stride + x + i);
          if (load<u8>(nulls + place) === 1) continue;
          sum += <i32>load<u8>(data + place);
          seen++;
        }
      }
      const pixels = <f64>(lines * across);
      store<f64>(this.padded + at, <f64>(<f32>(<f64>sum / pixels)));
      store<f64>(this.paddedShares + at, <f64>(<f32>(<f64>seen / pixels)));
    }
  }
}

/** Lays down the means of four cells. @returns where the next ones go */
function storeMeans(sums: v128, pixels: v128, to: usize): usize {
  const high = i32x4.shuffle(sums, sums, 2, 3, 2, 3);
  v128.store(to, rounded(f64x2.div(f64x2.convert_low_i32x4_u(sums), pixels)));
  v128.store(to, rounded(f64x2.div(f64x2.convert_low_i32x4_u(high), pixels)), 16);
  return to + 32;
}
