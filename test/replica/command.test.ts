import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FAULT_NAMES } from '../../src/replica/named-faults.js';
import { runCli, sentenceOf, startCli } from '../support/cli.js';
import { selfSigned } from './self-signed.js';

async function file(name: string, text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'replica-command-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, name), text);
  return join(dir, name);
}

/** Starts the replica, which is stopped after the test, and gives what it says of itself. */
async function started(args: readonly string[]): Promise<Record<string, string>> {
  const child = startCli(['replica', '--port', '0', '--json', ...args]);
  onTestFinished(async () => {
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    return JSON.parse(line) as Record<string, string>;
  }
  throw new Error('the replica did not start');
}

describe('selenoscan replica', () => {
  it('serves stubbed volumes by thousands with odd rows, faults and both data sets', async () => {
    const script = { rules: [{ fault: 'http-429', kind: 'index-table', times: 1 }] };
    const faults = await file('faults.json', JSON.stringify(script));
    const options = ['--stub', '--images', '1500', '--volumes', '2', '--volume', 'LROLRC_1067A'];
    const { address, ode, volume } = await started([
      ...options,
      ...['--data-set', 'both', '--odd', 'night=0.5', '--faults', faults],
    ]);
    expect(volume).toBe('LROLRC_1067A');
    const table = `${address}LRO-L-LROC-2-EDR-V1.0/LROLRC_0066C/INDEX/INDEX.TAB`;
    expect((await fetch(table)).status).toBe(429);
    const records = await (await fetch(table)).text();
    expect(records.match(/\/NAC\/M\d+[LR]E\.IMG/g)).toHaveLength(1500);
    const count = await fetch(`${ode}?query=product&ihid=LRO&iid=LROC&pt=EDRNAC4&results=c`);
    expect(await count.json()).toMatchObject({ ODEResults: { Count: '3000' } });
    const log = (await (await fetch(`${address}log.json`)).json()) as {
      requests: { fault: string | null }[];
    };
    expect(log.requests.filter(({ fault }) => fault === 'http-429')).toHaveLength(1);
  });

  it('serves https with a key and its certificate', async () => {
    const { key, cert } = selfSigned({ names: ['127.0.0.1'] });
    const files = [await file('key.pem', key), await file('cert.pem', cert)];
    const { address } = await started(['--stub', '--tls-key', files[0]!, '--tls-cert', files[1]!]);
    expect(address).toMatch(/^https:/);
    await expect(fetch(address!)).rejects.toThrow();
  });

  it.each([
    [
      ['--faults', '/nowhere/faults.json'],
      /^selenoscan: \/nowhere\/faults\.json: the file cannot be read; .* --faults\.$/,
    ],
    [['--tls-key', '/nowhere/key.pem'], /^selenoscan: Give --tls-key and --tls-cert together\.$/],
    [
      ['--odd', 'night=0.9,short=0.9'],
      /shares of odd rows are numbers from 0 to 1 that come to 1 at most\.$/,
    ],
    [['--odd', 'dark=0.1'], /Give shares from 0 to 1 by kind: night, /],
    [['--volume', 'LROLRC_1036'], /^selenoscan: LROLRC_1036 is no volume of the CDR data set/],
  ])('refuses %j in one sentence', async (args, message) => {
    const run = await runCli(['replica', '--port', '0', '--stub', ...args]);
    expect([run.code, sentenceOf(run)]).toEqual([2, expect.stringMatching(message) as string]);
  });

  it('names every fault in its help, and what else it serves', async () => {
    const { stdout } = await runCli(['replica', '--help']);
    for (const name of [...FAULT_NAMES, '/log.json', '/live2/', '/faults', '/reissue', '/late']) {
      expect(stdout).toContain(name);
    }
  });
});
