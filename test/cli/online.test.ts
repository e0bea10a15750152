import { afterEach, describe, expect, it } from 'vitest';
import { createLocalGate } from '../../src/archive/politeness/host-gate.js';
import { HttpClient } from '../../src/archive/http/http-client.js';
import { askArchive, type Tally } from '../../src/cli/online/ask-archive.js';
import { loadConfig } from '../../src/config/load.js';
import type { SceneMaker } from '../../src/replica/scene-maker.js';
import { writePtif } from '../../src/simulation/write-ptif.js';
import { fakeClock, type FakeClock } from '../archive/support.js';
import { testReplica } from '../replica/support.js';

const scenes: SceneMaker = {
  truth: () => Promise.resolve([]),
  make: ({ seed, lines, samples }, path) =>
    writePtif(path, { width: samples, height: lines }, (_first, count) => {
      const bytes = new Uint8Array(count * samples);
      for (let i = 0; i < bytes.length; i++) bytes[i] = 60 + ((i * 7919 + seed) % 101);
      return bytes;
    }),
  close: () => Promise.resolve(),
};

interface Asked {
  readonly tally: Tally;
  readonly lines: readonly string[];
  readonly clock: FakeClock;
  /** The answer that stands below a question. */
  readonly answerTo: (question: RegExp) => string;
}

let client: HttpClient | null = null;
afterEach(() => client?.close());

async function ask(archive: string, ode = `${archive}live2/`): Promise<Asked> {
  const config = loadConfig(undefined, {
    SELENOSCAN_ARCHIVE_URLS: JSON.stringify([archive]),
    SELENOSCAN_ARCHIVE_ODE: ode,
  });
  const clock = fakeClock();
  const gate = createLocalGate({ spacingMs: config.archive.spacing_ms, patienceMs: 120_000, clock });
  client = new HttpClient({ userAgent: 'selenoscan-test', gate, clock, timeoutMs: 5000, retries: 0 });
  const lines: string[] = [];
  const tally = await askArchive(config, { client, clock, print: (line) => lines.push(line) });
  return {
    tally,
    lines,
    clock,
    answerTo: (question) =>
      lines[lines.findIndex((line) => line.startsWith('? ') && question.test(line)) + 1] ?? '',
  };
}

describe('the questions to the archive', () => {
  it('are each answered by the replica, by few small requests, one at a time', async () => {
    const replica = await testReplica({ images: 30, lines: 600, samples: 5064, scenes });
    const { tally, lines, answerTo } = await ask(replica.address);
    expect(lines.filter((line) => line.startsWith('? '))).toHaveLength(23);
    expect(lines.filter((line) => /no answer|UNLIKE/.test(line))).toEqual([]);
    expect(tally).toEqual({ passed: 23, failed: 0, answered: 23 });
    expect(answerTo(/Which volume is the newest/)).toMatch(/LROLRC_1067A is there, LROLRC_1068C, .* are not/);
    expect(answerTo(/403 or 404/)).toBe('  HTTP 403.');
    expect(answerTo(/record length/)).toMatch(/RECORD_BYTES 902, 150 rows, MD5 [0-9a-f]{32}; \d+ bytes/);
    expect(answerTo(/83 columns/)).toBe('  83 columns.');
    expect(answerTo(/INDEX\.TAB as long/)).toMatch(/HTTP 206, 135300 bytes where 135300 follows/);
    expect(answerTo(/front host redirect/)).toMatch(/HTTP 302 to localhost/);
    expect(answerTo(/304/)).toMatch(/HTTP 304 with ETag "/);
    expect(answerTo(/If-Range/)).toMatch(/HTTP 206 for its own .*, HTTP 200 for another/);
    expect(answerTo(/Which share/)).toMatch(/0 of \d sampled/);
    expect(answerTo(/_pyr\.xml/)).toMatch(/(\d+) bytes, MD5 [0-9a-f]{32}; the file has \1 bytes/);
    expect(answerTo(/How is the TIFF compressed/)).toMatch(
      /compression 7 \(jpeg\).*1 band\(s\) of 8 bits, in tiles of 256 x 256, 5064 x 600/,
    );
    expect(answerTo(/ClassicTIFF/)).toMatch(/ClassicTIFF, .*5064 x 600 kind 0; 1: 2532 x 300 kind 1/);
    expect(answerTo(/Does this product read it/)).toMatch(/5064 x 600 where the index says 5064 x 600/);
    expect(answerTo(/one product/)).toMatch(/ODEResults \{.*Count "\d+", one product is an object \{.*pdsid/);
    const fronts = replica.log.filter(({ host }) => host.startsWith('127.0.0.1'));
    expect(fronts.length).toBeLessThanOrEqual(48);
    const sent = replica.log.map(({ headers }) => headers.range).filter((range) => range !== undefined);
    for (const range of sent) {
      const [, first, last] = /^bytes=(\d+)-(\d+)/.exec(range) ?? [];
      expect(Number(last) - Number(first)).toBeLessThan(65_536);
    }
  });

  it('tell what is unlike what the code expects, and go on', async () => {
    const replica = await testReplica({ images: 30, lines: 600, samples: 5064, scenes });
    replica.faults.add({ match: /store.*_pyr\.tif/, status: 404 });
    const { tally, answerTo } = await ask(replica.address);
    expect(answerTo(/Which share/)).toMatch(/UNLIKE WHAT THE CODE EXPECTS: (\d) of \1 sampled/);
    expect(answerTo(/How is the TIFF compressed/)).toMatch(/no answer: none of the sampled images has/);
    expect(tally.failed).toBeGreaterThan(3);
    expect(tally.answered).toBeGreaterThan(10);
  });

  it('have no answer without a network: one line each with its reason, and a clear last one', async () => {
    const replica = await testReplica();
    const dead = replica.address;
    await replica.close();
    const { tally, lines, answerTo } = await ask(dead);
    expect(tally).toEqual({ passed: 0, failed: 23, answered: 0 });
    expect(answerTo(/Which volume/)).toMatch(/^ {2}no answer: .*ECONNREFUSED/);
    const answers = lines.filter((line) => line.startsWith('  '));
    expect(answers).toHaveLength(23);
    for (const line of answers) expect(line).toMatch(/^ {2}no answer: .+\.$/);
    expect(lines.at(-1)).toBe(
      'None of 23 questions was answered: the archive cannot be reached from here; check the network, archive.urls and archive.ode.',
    );
  });
});
