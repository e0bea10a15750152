import type { Clock } from '../../domain/clock.js';
import { DiskBudget, type RoomBudget } from './disk-budget.js';
import { PartsFolder } from './parts-folder.js';

/** Where images are downloaded to, shared by all processes that use the folder. */
export interface DownloadArea {
  readonly parts: PartsFolder;
  readonly budget: RoomBudget;
}

export interface DownloadAreaOptions {
  /** archive.download_dir; nothing is made in it before the first download. */
  readonly dir: string;
  /** archive.disk_mb in bytes; 0 = no limit. */
  readonly limitBytes: number;
  readonly clock: Clock;
  /** Told once for each download that has to wait for room. */
  readonly onWait?: (line: string) => void;
  /** Removes what nobody needs, when there is no room. */
  readonly makeRoom?: () => Promise<void>;
}

export function openDownloadArea({ dir, ...options }: DownloadAreaOptions): DownloadArea {
  const parts = new PartsFolder(dir);
  return { parts, budget: new DiskBudget({ downloadDir: dir, parts, ...options }) };
}
