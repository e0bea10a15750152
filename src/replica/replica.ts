import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { DataSet } from '../archive/data-set.js';
import { OperationalError, UsageError } from '../domain/errors.js';
import { archiveFile } from './archive-files.js';
import { FaultList } from './faults.js';
import type { FaultScript } from './fault-script.js';
import { ImageStore } from './image-store.js';
import { checkShares, type OddShares } from './odd-rows.js';
import { odeAnswer } from './ode/answer.js';
import { handleRequest, type ReplicaContent } from './request-handler.js';
import { RequestLog, type LoggedRequest } from './request-log.js';
import type { Resource } from './resource.js';
import type { SceneMaker } from './scene-maker.js';
import { createSceneThread } from './scene-thread.js';
import { Throttle } from './throttle.js';
import { truthOf, type TruthEntry } from './truth.js';
import { planVolume, type Volume } from './volume.js';
import {
  followingVolume,
  precedingVolume,
  releasedBy,
  volumePeriod,
  type VolumePeriod,
} from './volume-period.js';

export interface ReplicaOptions {
  /** On 127.0.0.1; 0 = any free one. */
  readonly port: number;
  readonly seed: number;
  /** NAC products in each volume. */
  readonly images: number;
  /** Default 4096. */
  readonly lines?: number;
  /** Default 5064. */
  readonly samples?: number;
  /** Default `cdr`. */
  readonly dataSet?: DataSet | 'both';
  /** Newest released volume at the start, by its CDR name; default what an archive would have released by now. */
  readonly newestVolume?: string;
  /** Volumes released at the start, up to the newest. Default 1. */
  readonly volumes?: number;
  /** Rows of other kinds follow each so-manieth NAC row. Default 1, or 50 in volumes of more than 1000. */
  readonly othersEvery?: number;
  /** Shares of products that are odd. Default none. */
  readonly oddRows?: OddShares;
  /** Default true, as the archive's front host does. */
  readonly redirect?: boolean;
  /** Answer for files that are not there. Default 403, as the archive's S3 host says. */
  readonly missingStatus?: 403 | 404;
  /** Make images before they are asked for. Default true for volumes of 100 images at most. */
  readonly prepare?: boolean;
  readonly scenes?: SceneMaker;
  /** Most image files on disk; the oldest goes and is made again when it is asked for. Default no limit. */
  readonly imagesKept?: number;
  readonly faults?: FaultScript;
  /** Serve https with this key and certificate (PEM) in place of http. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Most requests in the log. Default 100,000. */
  readonly logKept?: number;
  readonly ode?: OdeLimits;
}

/** How much the ODE service takes, and gives at once. */
export interface OdeLimits {
  /** More requests than this within the window are answered 403 for as long. Default 45. */
  readonly requests?: number;
  /** Default 90. */
  readonly windowS?: number;
  /** Answers with files end after so many bytes, in mid-string. Default 4,000,000. */
  readonly truncateBytes?: number;
}

/** A running local archive. */
export interface Replica {
  /** e.g. `http://127.0.0.1:8123/`: a base URL for the daemon. */
  readonly address: string;
  /** Address of its ODE service, e.g. `http://127.0.0.1:8123/live2/`. */
  readonly odeAddress: string;
  readonly faults: FaultList;
  /** Released volumes, oldest first; of one month the CDR one before the EDR one. */
  readonly volumes: readonly Volume[];
  /** Requests to the archive so far, in order of arrival. */
  readonly log: readonly LoggedRequest[];
  /** Releases the next volume, of each data set, and tells its id. */
  release(): string;
  /** Makes products of a released volume anew. @throws UsageError for an unknown volume or product */
  reissue(volumeId: string, productIds: readonly string[]): void;
  /** Adds late products to a released volume; gives their ids. @throws UsageError for an unknown volume */
  addLate(volumeId: string, count?: number): readonly string[];
  /** Everything planted in the released products. @throws UsageError when images are too small for it */
  truth(): Promise<TruthEntry[]>;
  close(): Promise<void>;
}

/**
 * Starts the replica.
 * @throws OperationalError when the port is in use · UsageError for shares of odd rows that are none
 */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { lines = 4096, samples = 5064, redirect = true, missingStatus = 403, dataSet = 'cdr' } = options;
  const { images: count, prepare = count <= 100, oddRows: odd = {}, ode = {} } = options;
  const { othersEvery = count > 1000 ? 50 : 1 } = options;
  checkShares(odd);
  const plan = { seed: options.seed, images: count, lines, samples, odd, othersEvery };
  const dataSets: readonly DataSet[] = dataSet === 'both' ? ['cdr', 'edr'] : [dataSet];
  const images = new ImageStore(options.scenes ?? createSceneThread(), options.imagesKept);
  const faults = new FaultList();
  if (options.faults !== undefined) faults.use(options.faults);
  const requests = new RequestLog(options.logKept ?? 100_000);
  const volumes: Volume[] = [];

  function open(period: VolumePeriod): string {
    const opened = dataSets.map((each) => planVolume(period, { ...plan, dataSet: each }));
    volumes.push(...opened);
    const [first] = opened;
    if (first === undefined) return period.volumeId;
    if (prepare) void truth().then(() => images.prepare(first.products), ignoreUntilAsked);
    return first.volumeId;
  }

  async function truth(): Promise<TruthEntry[]> {
    const entries: TruthEntry[] = [];
    for (const volume of volumes) {
      for (const product of volume.plan) entries.push(...truthOf(product, await images.truth(product)));
    }
    return entries;
  }

  function volumeOf(volumeId: string): Volume {
    const volume = volumes.find((each) => each.volumeId === volumeId);
    if (volume === undefined) throw new UsageError(`The replica has released no volume ${volumeId}.`);
    return volume;
  }

  const content: ReplicaContent = {
    faults,
    requests,
    redirect,
    missingStatus,
    odeThrottle: new Throttle({ requests: ode.requests ?? 45, windowS: ode.windowS ?? 90 }),
    file: (request) => archiveFile(request, volumes, images),
    ode: (parameters) => odeResource(parameters, volumes, address, ode.truncateBytes ?? 4_000_000),
    truth,
    release: () => open(followingVolume(volumes.at(-1)!.period)),
    reissue: (volumeId, productIds) => volumeOf(volumeId).reissue(productIds),
    addLate: (volumeId, late) => volumeOf(volumeId).addLate(late),
  };
  const server = serverOf(options.tls, (request, response) => {
    handleRequest(content, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`${String(error)}\n`);
    });
  });
  const newest = options.newestVolume === undefined ? null : volumePeriod(options.newestVolume);
  const port = await listen(server, options.port);
  const address = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`;
  periodsUpTo(newest ?? releasedBy(new Date()), options.volumes ?? 1).forEach(open);

  return {
    address,
    odeAddress: `${address}live2/`,
    faults,
    volumes,
    log: requests.entries,
    release: () => content.release(),
    reissue: (volumeId, productIds) => content.reissue(volumeId, productIds),
    addLate: (volumeId, late = 1) => content.addLate(volumeId, late),
    truth,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await images.close();
      await closed;
    },
  };
}

function periodsUpTo(newest: VolumePeriod, count: number): VolumePeriod[] {
  const periods = [newest];
  for (let first = newest; periods.length < count;) periods.unshift((first = precedingVolume(first)));
  return periods;
}

/** An answer of the ODE service, which tells no version of it; cut in mid-string where it is too long. */
function odeResource(
  parameters: URLSearchParams,
  volumes: readonly Volume[],
  address: string,
  truncateBytes: number,
): Resource {
  const text = Buffer.from(JSON.stringify(odeAnswer(parameters, volumes, address)));
  const withFiles = /f/i.test(parameters.get('results') ?? '');
  const content = withFiles ? text.subarray(0, truncateBytes) : text;
  return { type: 'application/json', md5: null, lastModified: null, bytes: content.length, content };
}

/** A scene that cannot be planned is told to whoever asks for the truth or the image. */
function ignoreUntilAsked(): void {
  return;
}

function serverOf(tls: ReplicaOptions['tls'], listener: RequestListener): Server {
  return tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === 'EADDRINUSE';
      const message = inUse
        ? `port ${port} on 127.0.0.1 is in use; stop what listens there or give another one by --port.`
        : `cannot listen on port ${port} of 127.0.0.1: ${cause.message}`;
      reject(new OperationalError(inUse ? 'port_in_use' : 'listen', message, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
