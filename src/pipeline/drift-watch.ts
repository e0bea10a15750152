import type { Calibration } from '../scoring/calibration.js';
import { DRIFT_INPUTS, measureDrift, type Drift, type DriftInput } from '../scoring/drift.js';
import type { Queryable } from '../store/database.js';
import { recentProfiles } from '../store/queries/calibrations.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';

export interface DriftPolicy {
  /** Newest scans that are compared; no alarm before there are so many. */
  readonly scans: number;
  /** Stability index above which there is an alarm. */
  readonly threshold: number;
}

/** How the newest scans compare with what their calibration was learnt on. */
export interface DriftState {
  readonly scans: number;
  readonly drift: Drift;
  /** Whether there are scans enough and the index is above the threshold. */
  readonly alarms: Readonly<Record<DriftInput, boolean>>;
}

/** Null where nothing was scanned. */
export async function driftOf(
  db: Queryable,
  modelId: string,
  calibration: Calibration,
  { scans, threshold }: DriftPolicy,
): Promise<DriftState | null> {
  const profiles = await recentProfiles(db, { modelId, score: calibration.score, limit: scans });
  if (profiles.length === 0) return null;
  const drift = measureDrift(calibration, profiles);
  const alarms = Object.fromEntries(
    DRIFT_INPUTS.map((input) => [input, profiles.length >= scans && drift[input].index > threshold]),
  ) as Record<DriftInput, boolean>;
  return { scans: profiles.length, drift, alarms };
}

/** Tells metrics and log of drift: the log once when an alarm begins and once when it ends. */
export class DriftWatch {
  readonly #policy: DriftPolicy;
  readonly #metrics: Metrics;
  readonly #log: Logger;
  readonly #alarmed = new Set<DriftInput>();

  constructor(policy: DriftPolicy, metrics: Metrics, log: Logger) {
    this.#policy = policy;
    this.#metrics = metrics;
    this.#log = log;
  }

  /** To be told of every committed scan. */
  async update(db: Queryable, modelId: string, calibration: Calibration): Promise<void> {
    const state = await driftOf(db, modelId, calibration, this.#policy);
    if (state === null) return;
    for (const input of DRIFT_INPUTS) {
      const { index, quantiles } = state.drift[input];
      this.#metrics.drift.set({ input }, index);
      this.#metrics.driftAlarm.set({ input }, state.alarms[input] ? 1 : 0);
      for (const { share, seen, expected } of quantiles) {
        this.#metrics.inputQuantile.set({ input, quantile: share, of: 'scans' }, seen);
        this.#metrics.inputQuantile.set({ input, quantile: share, of: 'reference' }, expected);
      }
      this.#tell(input, state);
    }
  }

  #tell(input: DriftInput, { scans, drift, alarms }: DriftState): void {
    if (alarms[input] === this.#alarmed.has(input)) return;
    const facts = { input, scans, ...drift[input], threshold: this.#policy.threshold };
    if (alarms[input]) {
      this.#alarmed.add(input);
      this.#log.warn(facts, 'Drift:Alarm');
    } else {
      this.#alarmed.delete(input);
      this.#log.info(facts, 'Drift:Over');
    }
  }
}
