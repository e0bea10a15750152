import { open, type FileHandle } from 'node:fs/promises';
import { UsageError } from '../domain/errors.js';
import type { ImageScan } from '../pipeline/scan-image.js';
import type { ScoreName } from '../scoring/normalise.js';

/** CSV of every scored tile: image, upper-left pixel, calibrated score, then each named raw score. */
export class TileTable {
  private readonly handle: FileHandle;

  private readonly names: readonly ScoreName[];

  private constructor(handle: FileHandle, names: readonly ScoreName[]) {
    this.handle = handle;
    this.names = names;
  }

  /**
   * @param names raw scores of the model, one column each
   * @throws UsageError when the file cannot be written
   */
  static async create(path: string, names: readonly ScoreName[]): Promise<TileTable> {
    const handle = await open(path, 'w').catch((cause: unknown) => {
      throw new UsageError(`${path}: the tile table cannot be written; check the folder given by --tiles.`, {
        cause,
      });
    });
    await handle.write(`image,x,y,score,${names.join(',')}\n`);
    return new TileTable(handle, names);
  }

  /** Masked tiles are absent. */
  async write(file: string, { grid, scores }: ImageScan, calibrate: (raw: number) => number): Promise<void> {
    const image = /[",\n]/.test(file) ? `"${file.replaceAll('"', '""')}"` : file;
    const named = scores.named();
    const columns = this.names.map((name) => named[name]);
    for (const [row, y] of grid.ys.entries()) {
      let lines = '';
      for (const [column, x] of grid.xs.entries()) {
        const i = row * grid.xs.length + column;
        const raw = scores.raw[i];
        if (raw === undefined || Number.isNaN(raw)) continue;
        lines += `${image},${x},${y},${calibrate(raw)},${columns.map((values) => values?.[i]).join(',')}\n`;
      }
      await this.handle.write(lines);
    }
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
