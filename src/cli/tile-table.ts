import { open, stat, type FileHandle } from 'node:fs/promises';
import { UsageError } from '../domain/errors.js';
import { checkTarget, writeStaged } from '../exports/staged.js';
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
   * Lets a table be filled, which takes its place whole: what is there stays until then, and for good where `fill`
   * fails. Devices and pipes are written as it goes.
   * @param names raw scores of the model, one column each
   * @throws OperationalError when it cannot be written
   */
  static async write(
    path: string,
    names: readonly ScoreName[],
    fill: (table: TileTable) => Promise<void>,
  ): Promise<void> {
    const into = async (file: string) => {
      const handle = await open(file, 'w');
      try {
        await handle.write(`image,x,y,score,${names.join(',')}\n`);
        await fill(new TileTable(handle, names));
      } finally {
        await handle.close();
      }
    };
    if (await isStream(path)) await into(path);
    else await writeStaged({ path, beside: [], force: true }, into);
  }

  /** Asked before the work is done. @throws UsageError where no such file can be written */
  static async check(path: string): Promise<void> {
    if (await isStream(path)) return;
    if ((await stat(path).catch(() => null))?.isDirectory() === true)
      throw new UsageError(`--tiles ${path} is a folder; give the name of a file.`);
    await checkTarget({ path, beside: [], force: true });
  }

  /** Masked tiles are absent. */
  async add(file: string, { grid, scores }: ImageScan, calibrate: (raw: number) => number): Promise<void> {
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
}

async function isStream(path: string): Promise<boolean> {
  const there = await stat(path).catch(() => null);
  return there !== null && !there.isFile() && !there.isDirectory();
}
