import type { IncomingMessage } from 'node:http';
import { UsageError } from '../domain/errors.js';
import type { FaultList } from './faults.js';
import { parseFaultScript } from './fault-script.js';
import type { RequestLog } from './request-log.js';
import { requestRates } from './request-rate.js';

/** What can be done to a running replica from outside. */
export interface Controls {
  readonly faults: FaultList;
  readonly requests: RequestLog;
  truth(): Promise<unknown>;
  release(): string;
  /** @throws UsageError for an unknown volume or product */
  reissue(volumeId: string, productIds: readonly string[]): void;
  /** @throws UsageError for an unknown volume */
  addLate(volumeId: string, count: number): readonly string[];
}

/** Longest fault script, bytes. */
const MAX_SCRIPT = 2 ** 20;
/** Most late products at once. */
const MOST_LATE = 1000;
/** Window of the rates in the log, when none is asked for, seconds. */
const WINDOW_S = 10;

/**
 * Carries out a request to the replica itself, which is neither logged nor struck by faults.
 * @returns what it answers as JSON; null for a request to the archive
 * @throws UsageError in one sentence for what cannot be done
 */
export function controlOf(request: IncomingMessage, url: URL, controls: Controls): (() => unknown) | null {
  const { faults, requests } = controls;
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /truth.json':
      return () => controls.truth();
    case 'GET /log.json':
      return () => logReport(requests, Number(url.searchParams.get('window') ?? WINDOW_S));
    case 'GET /faults':
      return () => faults.report();
    case 'DELETE /faults':
      return () => {
        faults.clear();
        return faults.report();
      };
    case 'POST /faults':
      return async () => {
        faults.use(parseFaultScript(await bodyOf(request), 'POST /faults'));
        return faults.report();
      };
    case 'POST /release':
      return () => ({ released: controls.release() });
    case 'POST /reissue':
      return () => {
        const products = url.searchParams.getAll('product');
        controls.reissue(required(url, 'volume'), products);
        return { reissued: products };
      };
    case 'POST /late':
      return () => ({ added: controls.addLate(required(url, 'volume'), lateCount(url)) });
    default:
      return null;
  }
}

function logReport({ entries, dropped }: RequestLog, windowS: number): unknown {
  if (!(windowS > 0)) throw new UsageError('log.json: window is a number of seconds above 0.');
  return { windowS, hosts: requestRates(entries, windowS), dropped, requests: entries };
}

function required(url: URL, name: string): string {
  const value = url.searchParams.get(name);
  if (value === null) throw new UsageError(`${url.pathname}: give ${name}=… in the query.`);
  return value;
}

function lateCount(url: URL): number {
  const count = Number(url.searchParams.get('count') ?? 1);
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST_LATE)) {
    throw new UsageError(`${url.pathname}: count is a whole number from 1 to ${MOST_LATE}.`);
  }
  return count;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_SCRIPT) throw new UsageError(`POST /faults: a script has ${MAX_SCRIPT} bytes at most.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
