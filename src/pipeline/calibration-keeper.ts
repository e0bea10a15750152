import type { ModelFolder } from '../model/load-model-folder.js';
import type { Database } from '../store/database.js';
import { newestCalibrationVersion } from '../store/queries/calibrations.js';
import type { Logger } from '../telemetry/logger.js';
import { applyCalibration, currentCalibration, type VersionedCalibration } from './calibrations.js';

/** Keeps a daemon on the newest calibration of its model, whoever learns one. */
export class CalibrationKeeper {
  readonly #db: Database;
  readonly #model: ModelFolder;
  readonly #log: Logger;
  #current: VersionedCalibration | null = null;

  constructor(db: Database, model: ModelFolder, log: Logger) {
    this.#db = db;
    this.#model = model;
    this.#log = log;
  }

  /**
   * The calibration to score with. Where it has changed, scans that were scored with another get their new
   * scores first: at a start, and when a scan was under way while a calibration was learnt.
   */
  async current(): Promise<VersionedCalibration> {
    const version = await newestCalibrationVersion(this.#db, this.#model.id);
    if (this.#current?.version === version) return this.#current;
    const current = await currentCalibration(this.#db, this.#model);
    const applied = await applyCalibration(this.#db, this.#model.id, current);
    this.#log.info({ version: current.version, ...applied }, 'Calibration:InUse');
    this.#current = current;
    return current;
  }

  /** To be told of a commit: a calibration that came while the image was scanned is applied to it as well. */
  async committed(version: number): Promise<void> {
    const current = await this.current();
    if (current.version !== version) await applyCalibration(this.#db, this.#model.id, current);
  }
}
