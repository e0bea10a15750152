/** What a child process is to do. */
export interface Job {
  readonly target: string;
  /** Inputs `[from, to)`, each made of its number alone. */
  readonly from: number;
  readonly to: number;
  readonly progress: string;
  readonly report: string;
  /** File that each input is written to before it is read, or null. */
  readonly keep: string | null;
  /** Processor time of one input, milliseconds. */
  readonly mostMs: number;
  /** Memory that one input may add to the most that any took before, MB. */
  readonly mostMB: number;
  readonly mostFindings: number;
}

export interface Finding {
  readonly seed: number;
  readonly what: string;
  /** Base64, at most its first MB. */
  readonly input: string;
}

export interface Report {
  done: number;
  accepted: number;
  refused: number;
  findings: Finding[];
  peakMB: number;
  slowestMs: number;
}
