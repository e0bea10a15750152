/**
 * What an embedded database costs to open: made from nothing, unpacked from the snapshot that this leaves (one
 * like it is shipped), opened again.
 *
 * Usage: npm run bench -- store/embedded [--json]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEmbedded, type EmbeddedOptions } from '../../src/store/embedded/open-embedded.js';

const { values: o } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const folder = await mkdtemp(join(tmpdir(), 'bench-embedded-'));

/** Seconds until the database answers. */
async function open(options: EmbeddedOptions): Promise<number> {
  const started = performance.now();
  const db = await openEmbedded(options);
  const seconds = (performance.now() - started) / 1000;
  await db.close();
  return Number(seconds.toFixed(2));
}

try {
  const cacheFolder = join(folder, 'cache');
  const unpacked = join(folder, 'unpacked');
  const figures = {
    made_s: await open({ dir: join(folder, 'made'), cacheFolder }),
    unpacked_s: await open({ dir: unpacked, cacheFolder }),
    reopened_s: await open({ dir: unpacked, cacheFolder }),
    peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  if (o.json) console.log(JSON.stringify({ bench: 'store/embedded', machine, figures, ratios: {} }));
  else {
    console.log(machine);
    for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(12)} ${value}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
