import { once } from 'node:events';
import { Command } from 'commander';
import { startReplica } from '../replica/replica.js';
import { whole } from './numbers.js';

interface Options {
  readonly port: number;
  readonly seed: number;
  readonly images: number;
  readonly lines: number;
  readonly json?: boolean;
}

/** `selenoscan replica`: serves a local archive of synthetic images until it is stopped. */
export function replicaCommand(): Command {
  return new Command('replica')
    .description('serve a local LROC archive of synthetic images with known hardware, until stopped')
    .option('--port <port>', 'port on 127.0.0.1, 0 = any free one', whole(0, 65_535), 8090)
    .option('--seed <number>', 'another seed gives other images', whole(0, 2 ** 31 - 1), 1)
    .option('--images <count>', 'NAC images in each volume', whole(1, 1000), 4)
    .option('--lines <count>', 'lines of each image', whole(1, 52_224), 4096)
    .action(serve);
}

/** @throws OperationalError when the port is in use · UsageError when images are too small for the hardware */
async function serve({ port, seed, images, lines, json }: Options): Promise<void> {
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const replica = await startReplica({ port, seed, images, lines });
  try {
    const environment = `SELENOSCAN_ARCHIVE_URLS='["${replica.address}"]'`;
    const volume = replica.volumes[0]?.period.volumeId;
    process.stdout.write(
      json === true
        ? `${JSON.stringify({ address: replica.address, volume, environment })}\n`
        : `archive replica on ${replica.address}, newest volume ${volume} with ${images} images\n` +
            `  point the daemon to it:   ${environment}\n` +
            `  what was planted:         ${replica.address}truth.json\n` +
            `  release the next volume:  curl -X POST ${replica.address}release\n`,
    );
    // A scene that cannot be planned ends the command; otherwise only a signal does.
    await Promise.race([stopped, replica.truth().then(() => stopped)]);
  } finally {
    await replica.close();
  }
}
