/** What became of a request, for those who count. */
export type RequestResult =
  | 'ok'
  /** 403, 404, 410. */
  | 'missing'
  | 'redirect'
  /** 429, or another answer with Retry-After. */
  | 'throttled'
  /** 5xx, network, stall. */
  | 'failed'
  /** Another status, such as 400. */
  | 'refused'
  /** Ended by us before its answer was whole. */
  | 'dropped';

/** Is told what happens between this process and the hosts of the archive. */
export interface ArchiveObserver {
  /** The circuit of a host as it was last seen: null = closed, else when it is or was open until. */
  circuit?(host: string, openUntil: Date | null): void;
  request?(host: string, result: RequestResult): void;
  /** Bytes of bodies as they came over the line. */
  bytes?(host: string, count: number): void;
  /** Time spent waiting for leave to ask a host. */
  waited?(host: string, seconds: number): void;
}
