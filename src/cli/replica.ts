import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../domain/errors.js';
import { parseFaultScript, type FaultScript } from '../replica/fault-script.js';
import { FAULT_NAMES } from '../replica/named-faults.js';
import { ODD_KINDS, type OddKind, type OddShares } from '../replica/odd-rows.js';
import { startReplica, type Replica, type ReplicaOptions } from '../replica/replica.js';
import { createStubScenes } from '../replica/stub-scenes.js';
import { whole } from './numbers.js';

interface Options {
  readonly port: number;
  readonly seed: number;
  readonly images: number;
  readonly lines: number;
  readonly volumes: number;
  readonly volume?: string;
  readonly dataSet: 'cdr' | 'edr' | 'both';
  readonly stub?: boolean;
  readonly odd?: OddShares;
  readonly faults?: string;
  readonly tlsKey?: string;
  readonly tlsCert?: string;
  readonly json?: boolean;
}

/** Files of stubbed images that stay on disk. */
const STUBS_KEPT = 1000;

const HELP = `
While it runs, beside the archive's own files:
  GET    /live2/?query=…                 the ODE REST service on the same products
  GET    /truth.json                     what was planted where
  POST   /release                        releases the next volume
  POST   /reissue?volume=…&product=…     makes products anew, as a reprocessing does
  POST   /late?volume=…&count=…          adds late products to a released volume
  GET    /log.json?window=10             requests so far, and how fast each host was asked
  GET | POST | DELETE /faults            shows, replaces or takes back the fault script

A fault script is JSON (docs/replica.md):
  {"seed": 7, "rules": [{"fault": "html-for-data", "kind": "browse-image", "chance": 0.1}]}
Faults by name:
${wrapped(FAULT_NAMES)}
Kinds of odd rows:
${wrapped(ODD_KINDS)}`;

/** `selenoscan replica`: serves a local archive of synthetic images until it is stopped. */
export function replicaCommand(): Command {
  return new Command('replica')
    .description('serve a local LROC archive of synthetic images with known hardware, until stopped')
    .option('--port <port>', 'port on 127.0.0.1, 0 = any free one', whole(0, 65_535), 8090)
    .option('--seed <number>', 'another seed gives other images', whole(0, 2 ** 31 - 1), 1)
    .option('--images <count>', 'NAC images in each volume', whole(1, 25_000), 4)
    .option('--lines <count>', 'lines of each image', whole(1, 52_224), 4096)
    .option('--volumes <count>', 'volumes released at the start', whole(1, 300), 1)
    .option(
      '--volume <id>',
      'newest of them by its CDR name, such as LROLRC_1067A; default the latest by now',
    )
    .addOption(
      new Option('--data-set <name>', 'calibrated images, raw ones, or both')
        .choices(['cdr', 'edr', 'both'])
        .default('cdr'),
    )
    .option('--stub', 'cheap images of noise with nothing planted, for volumes of thousands')
    .option('--odd <shares>', 'share of odd rows by kind, such as night=0.1,short=0.05', oddShares)
    .option('--faults <file>', 'fault script: what goes wrong, when and how often')
    .option('--tls-key <file>', 'serve https with this key (PEM) …')
    .option('--tls-cert <file>', '… and this certificate (PEM)')
    .addHelpText('after', HELP)
    .action(serve);
}

/**
 * @throws OperationalError when the port is in use
 * @throws UsageError when images are too small for the hardware, or for a fault script that is none
 */
async function serve(options: Options): Promise<void> {
  const { images, json } = options;
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const replica = await startReplica(await replicaOptions(options));
  try {
    const environment = `SELENOSCAN_ARCHIVE_URLS='["${replica.address}"]'`;
    const volume = newestOf(replica);
    process.stdout.write(
      json === true
        ? `${JSON.stringify({ address: replica.address, ode: replica.odeAddress, volume, environment })}\n`
        : `archive replica on ${replica.address}, newest volume ${volume} with ${images} images\n` +
            `  point the daemon to it:   ${environment}\n` +
            `  what was planted:         ${replica.address}truth.json\n` +
            `  release the next volume:  curl -X POST ${replica.address}release\n`,
    );
    // A scene that cannot be planned ends the command; otherwise only a signal does.
    const planned = options.stub === true ? stopped : replica.truth().then(() => stopped);
    await Promise.race([stopped, planned]);
  } finally {
    await replica.close();
  }
}

async function replicaOptions(options: Options): Promise<ReplicaOptions> {
  const { port, seed, images, lines, volumes, volume, dataSet, stub, odd, faults } = options;
  const tls = await tlsOf(options);
  return {
    port,
    seed,
    images,
    lines,
    volumes,
    dataSet,
    ...(volume === undefined ? {} : { newestVolume: volume }),
    ...(stub === true ? { scenes: createStubScenes(), prepare: false, imagesKept: STUBS_KEPT } : {}),
    ...(odd === undefined ? {} : { oddRows: odd }),
    ...(faults === undefined ? {} : { faults: await readFaults(faults) }),
    ...(tls === null ? {} : { tls }),
  };
}

/** Newest volume of the first data set that is served. */
function newestOf({ volumes }: Replica): string | undefined {
  return volumes.findLast(({ dataSet }) => dataSet === volumes[0]?.dataSet)?.volumeId;
}

async function readFaults(path: string): Promise<FaultScript> {
  return parseFaultScript(await readText(path, '--faults'), path);
}

async function tlsOf({ tlsKey, tlsCert }: Options): Promise<{ key: string; cert: string } | null> {
  if (tlsKey === undefined && tlsCert === undefined) return null;
  if (tlsKey === undefined || tlsCert === undefined) {
    throw new UsageError('Give --tls-key and --tls-cert together.');
  }
  return { key: await readText(tlsKey, '--tls-key'), cert: await readText(tlsCert, '--tls-cert') };
}

function readText(path: string, option: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`${path}: the file cannot be read; check the path given by ${option}.`, { cause });
  });
}

function oddShares(text: string): OddShares {
  const shares = text.split(',').map((item) => {
    const [kind = '', share = ''] = item.split('=');
    if (!ODD_KINDS.includes(kind as OddKind) || !/^(0?\.\d+|0|1)$/.test(share)) {
      throw new InvalidArgumentError(`Give shares from 0 to 1 by kind: ${ODD_KINDS.join(', ')}.`);
    }
    return [kind, Number(share)];
  });
  return Object.fromEntries(shares) as OddShares;
}

/** Words in lines of a terminal's width. */
function wrapped(words: readonly string[]): string {
  const lines = [''];
  for (const word of words) {
    if (lines[lines.length - 1]!.length + word.length > 90) lines.push('');
    lines[lines.length - 1] += `  ${word}`;
  }
  return lines.join('\n');
}
