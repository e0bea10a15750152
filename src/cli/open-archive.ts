import type { ArchiveSource } from '../archive/archive-source.js';
import { FolderSource } from '../archive/folder/folder-source.js';
import { realFolder } from '../archive/folder/walk-folder.js';
import type { DownloadArea } from '../archive/fetch/download-area.js';
import type { HttpClient } from '../archive/http/http-client.js';
import { withIsd } from '../archive/fetch/with-isd.js';
import type { Config } from '../config/schema.js';
import type { Clock } from '../domain/clock.js';
import { OdeSource } from '../archive/ode/ode-source.js';
import { isdFacts } from '../geo/isd-facts.js';
import { inspectImage } from '../raster/inspect-image.js';
import { systemClock } from '../telemetry/clock.js';
import type { Logger } from '../telemetry/logger.js';
import { openArchive, openHttpClient } from './parts.js';

/** What a source may use of its surroundings. */
export interface SourceTools {
  /** Polite requests, for sources that ask the network; closed with the source. */
  readonly client?: HttpClient;
  /** Where images are downloaded to. */
  readonly area?: DownloadArea;
  /** What a source's own waits go by; default: the real time. */
  readonly clock?: Clock;
  readonly log?: Logger;
}

/**
 * Where new products come from, by archive.source.
 * @throws UsageError when the source's own settings are missing
 */
export function openSource(
  config: Config,
  { client, area, clock = systemClock, log }: SourceTools = {},
): ArchiveSource {
  if (config.archive.source === 'folder') {
    client?.close();
    return openFolder(config, clock, log);
  }
  const http = client ?? openHttpClient(config);
  const images = openArchive(config, http, area);
  const source = config.archive.source === 'ode' ? openOde(config, http, images, clock) : images;
  return withIsdOf(config, http, source, log);
}

/**
 * Looks at what the source needs of this machine, before anything else is opened.
 * @param once whether there is no later poll, to which a folder may still come: one on a disk that is mounted late
 * @throws UsageError where no folder is named, OperationalError where there is none
 */
export async function checkSource(config: Config, once: boolean): Promise<void> {
  if (config.archive.source !== 'folder') return;
  await openFolder(config, systemClock, undefined).close();
  if (once) await realFolder(config.archive.folder);
}

/** The source, whose images come with the camera models of archive.isd where that is set. */
export function withIsdOf(
  { archive }: Config,
  client: HttpClient,
  source: ArchiveSource,
  log: Logger | undefined,
): ArchiveSource {
  if (archive.isd === '') return source;
  const onNone = (product: string, reason: string) => log?.info({ product, reason }, 'Scan:NoCameraModel');
  return withIsd(source, { template: archive.isd, client, onNone });
}

function openOde({ archive }: Config, client: HttpClient, images: ArchiveSource, clock: Clock): OdeSource {
  return new OdeSource({
    url: archive.ode,
    dataSet: archive.dataset,
    client,
    clock,
    retries: archive.retries,
    images,
  });
}

function openFolder({ archive }: Config, clock: Clock, log: Logger | undefined): FolderSource {
  return new FolderSource({
    folder: archive.folder,
    dataSet: archive.dataset,
    image: archive.image,
    settleMs: archive.settle_s * 1000,
    clock,
    inspect: inspectImage,
    isdFacts,
    onProblem: (subject, reason) => log?.warn({ subject, reason }, 'Folder:NotTaken'),
  });
}
