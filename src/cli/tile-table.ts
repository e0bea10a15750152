import { open, type FileHandle } from 'node:fs/promises';
import { UsageError } from '../domain/errors.js';
import type { ImageScan } from '../pipeline/scan-image.js';
import { SCORE_NAMES } from '../scoring/normalise.js';

/** CSV of every scored tile: image, upper-left pixel, calibrated score, then each named raw score. */
export class TileTable {
  private readonly handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.handle = handle;
  }

  /** @throws UsageError when the file cannot be written */
  static async create(path: string): Promise<TileTable> {
    const handle = await open(path, 'w').catch((cause: unknown) => {
      throw new UsageError(`${path}: the tile table cannot be written; check the folder given by --tiles.`, {
        cause,
      });
    });
    await handle.write(`image,x,y,score,${SCORE_NAMES.join(',')}\n`);
    return new TileTable(handle);
  }

  /** Masked tiles are absent. */
  async write(file: string, { grid, scores }: ImageScan, calibrate: (raw: number) => number): Promise<void> {
    const image = /[",\n]/.test(file) ? `"${file.replaceAll('"', '""')}"` : file;
    const columns = SCORE_NAMES.map((name) => scores.named[name]);
    for (const [row, y] of grid.ys.entries()) {
      let lines = '';
      for (const [column, x] of grid.xs.entries()) {
        const i = row * grid.xs.length + column;
        const raw = scores.raw[i];
        if (raw === undefined || Number.isNaN(raw)) continue;
        lines += `${image},${x},${y},${calibrate(raw)},${columns.map((values) => values[i]).join(',')}\n`;
      }
      await this.handle.write(lines);
    }
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
