import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OperationalError } from '../domain/errors.js';
import { archiveFile } from './archive-files.js';
import { FaultList } from './faults.js';
import { ImageStore } from './image-store.js';
import { handleRequest, type ReplicaContent } from './request-handler.js';
import { RequestLog, type LoggedRequest } from './request-log.js';
import type { SceneMaker } from './scene-maker.js';
import { createSceneThread } from './scene-thread.js';
import { truthOf, type TruthEntry } from './truth.js';
import { planVolume, type Volume } from './volume.js';
import { followingVolume, releasedBy, volumePeriod, type VolumePeriod } from './volume-period.js';

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
  /** Newest released volume at the start; default what an archive would have released by now. */
  readonly newestVolume?: string;
  /** Default true, as the archive's front host does. */
  readonly redirect?: boolean;
  /** Answer for files that are not there. Default 403, as the archive's S3 host says. */
  readonly missingStatus?: 403 | 404;
  /** Make images before they are asked for. Default true. */
  readonly prepare?: boolean;
  readonly scenes?: SceneMaker;
}

/** A running local archive. */
export interface Replica {
  /** e.g. `http://127.0.0.1:8123/`: a base URL for the daemon. */
  readonly address: string;
  readonly faults: FaultList;
  /** Released volumes, oldest first. */
  readonly volumes: readonly Volume[];
  /** Requests so far, in order of arrival. */
  readonly log: readonly LoggedRequest[];
  /** Releases the next volume and tells its id. */
  release(): string;
  /** Everything planted in the released products. @throws UsageError when images are too small for it */
  truth(): Promise<TruthEntry[]>;
  close(): Promise<void>;
}

/** Starts the replica. @throws OperationalError when the port is in use */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { lines = 4096, samples = 5064, redirect = true, missingStatus = 403, prepare = true } = options;
  const products = { seed: options.seed, images: options.images, lines, samples };
  const images = new ImageStore(options.scenes ?? createSceneThread());
  const faults = new FaultList();
  const requests = new RequestLog();
  const volumes: Volume[] = [];

  function open(period: VolumePeriod): string {
    const volume = planVolume(period, products);
    volumes.push(volume);
    if (prepare) void truth().then(() => images.prepare(volume.products), ignoreUntilAsked);
    return period.volumeId;
  }

  async function truth(): Promise<TruthEntry[]> {
    const entries: TruthEntry[] = [];
    for (const product of volumes.flatMap((volume) => volume.products)) {
      entries.push(...truthOf(product, await images.truth(product)));
    }
    return entries;
  }

  function release(): string {
    const newest = volumes[volumes.length - 1];
    return open(newest === undefined ? releasedBy(new Date()) : followingVolume(newest.period));
  }

  const content: ReplicaContent = {
    faults,
    redirect,
    missingStatus,
    file: (path) => archiveFile(path, volumes, images),
    truth,
    release: () => ({ released: release() }),
  };
  const server = createServer((request, response) => {
    requests.add(request, response);
    handleRequest(content, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`${String(error)}\n`);
    });
  });
  const port = await listen(server, options.port);
  if (options.newestVolume === undefined) release();
  else open(volumePeriod(options.newestVolume));

  return {
    address: `http://127.0.0.1:${port}/`,
    faults,
    volumes,
    log: requests.entries,
    release,
    truth,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await images.close();
      await closed;
    },
  };
}

/** A scene that cannot be planned is told to whoever asks for the truth or the image. */
function ignoreUntilAsked(): void {
  return;
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
