import { beforeAll, afterAll, expect, it, onTestFinished } from 'vitest';
import type { Replica } from '../../src/replica/replica.js';
import { describeWithPostgres } from '../support/postgres.js';
import { quickSettings, startArchive, undisturbed } from './support/crash-rounds.js';
import { canMakeNodes, makeNetwork, makeNode, offer, type Node } from './support/nodes.js';
import { ownServer, type OwnServer } from './support/own-server.js';
import { record } from './support/record.js';
import { beforeSites, resultsOf, type Results } from './support/results-of.js';
import { onPostgres } from './support/subjects.js';

const COMMAND = 'npm run test:chaos -- nodes';
/** Of the deployment's gate. */
const SLOT_LEASE_S = 60;
/** What is written beside late commits would pass for theirs. */
const NO_SITES = { SELENOSCAN_SITES_EVERY_S: '86400' };
const able = canMakeNodes();
if (!able) console.log('Left out: network namespaces need root and iproute2.');

describeWithPostgres('workers on several machines', () => {
  let replica: Replica;
  let expected: Results;
  beforeAll(async () => {
    replica = await startArchive(31);
    expected = await undisturbed(await onPostgres(1), replica);
  }, 900_000);
  afterAll(() => replica.close());

  /** Two machines that reach one database and one archive. */
  async function machines(server: OwnServer): Promise<{ nodes: [Node, Node]; env: Record<string, string> }> {
    makeNetwork();
    const ports = [Number(new URL(server.url).port), Number(new URL(replica.address).port)];
    for (const port of ports) await offer(port);
    const nodes: [Node, Node] = [makeNode(2), makeNode(3)];
    for (const node of nodes) for (const port of ports) await node.reach(port);
    return { nodes, env: { ...quickSettings(replica), ...NO_SITES, DATABASE_URL: server.url } };
  }

  const claimed = async ({ db }: OwnServer): Promise<number> =>
    (await db.query(`SELECT FROM selenoscan_data.scan WHERE state = 'claimed'`)).length;
  const scanned = async ({ db }: OwnServer): Promise<number> =>
    (await db.query(`SELECT FROM selenoscan_data.scan WHERE state = 'scanned'`)).length;

  it.skipIf(!able)(
    'take over what one of them had in hand when it was cut off, and refuse what it commits late',
    async () => {
      const server = await ownServer();
      const { nodes, env } = await machines(server);
      const lost = nodes[0].start(['run'], env);
      let log = '';
      lost.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
      await expect.poll(() => claimed(server), { timeout: 60_000, interval: 50 }).toBeGreaterThan(0);
      nodes[0].cut();
      const other = nodes[1].start(['run', '--role', 'scan'], env);
      let otherLog = '';
      other.stderr?.on('data', (chunk: Buffer) => (otherLog += chunk.toString()));
      await expect
        .poll(() => scanned(server), { timeout: 180_000, interval: 500 })
        .toBe(expected.scans.length);
      const before = await server.db.query(
        'SELECT xmin::text, id FROM selenoscan_data.detection ORDER BY id',
      );
      nodes[0].mend();
      await expect.poll(() => log, { timeout: 120_000, interval: 500 }).toContain('Scan:LeaseLost');
      expect(
        await server.db.query('SELECT xmin::text, id FROM selenoscan_data.detection ORDER BY id'),
      ).toEqual(before);
      expect(await resultsOf(server.db)).toEqual(beforeSites(expected));
      expect(otherLog).toContain('Scan:Committed');
      record({
        name: '9-node-cut-off',
        done: 'one of two workers in network namespaces cut off in mid-scan (its packets vanish), and joined again after the other had finished',
        times: 'once',
        lost: 'nothing: its lease ended, the other took the scan over, its late commit was refused without a row written',
        command: COMMAND,
      });
    },
  );

  it.skipIf(!able)(
    'ask the archive again within a minute when the one that was fetching is cut off',
    async () => {
      const server = await ownServer();
      const { nodes, env } = await machines(server);
      const images = (): number => fetches(replica).length;
      const before = images();
      replica.faults.use({ rules: [{ kind: 'browse-image', host: 'store', fault: 'drip', times: 1 }] });
      onTestFinished(() => replica.faults.clear());
      const lost = nodes[0].start(['run'], env);
      lost.stderr?.resume();
      await expect.poll(images, { timeout: 120_000, interval: 50 }).toBe(before + 1);
      const [slot] = await server.db.query<{ holder: string; left_s: number }>(
        `SELECT holder, extract(epoch FROM available_at - clock_timestamp())::float8 AS left_s
       FROM selenoscan_data.fetch_slot WHERE available_at > clock_timestamp()`,
      );
      expect(slot?.left_s).toBeLessThanOrEqual(SLOT_LEASE_S);
      nodes[0].cut();
      const cutAt = Date.now();
      const other = nodes[1].start(['run', '--role', 'scan'], env);
      other.stderr?.resume();
      await expect
        .poll(() => scanned(server), { timeout: 240_000, interval: 200 })
        .toBe(expected.scans.length);
      expect(await resultsOf(server.db)).toEqual(beforeSites(expected));
      const next = fetches(replica)[before + 1]!;
      // Beside the slot's own lease the other's turn comes by asking again and again.
      const waited = (Date.now() - (performance.now() - next.startedAt) - cutAt) / 1000;
      expect(waited).toBeLessThanOrEqual(SLOT_LEASE_S + 10);
      record({
        name: '9b-node-cut-off-fetching',
        done: 'one of two workers in network namespaces cut off while it fetched an image that dripped, holding the one slot of the host',
        times: 'once',
        lost: `nothing: the slot's lease of ${SLOT_LEASE_S} s ended and the other fetched ${waited.toFixed(0)} s after the cut; tables equal those of an undisturbed run`,
        command: COMMAND,
      });
    },
  );
});

/** Requests for the bytes of an image that reached the store, which is asked by its other name. */
function fetches({ log }: Replica) {
  return log.filter(
    ({ method, host, path }) => method === 'GET' && host.startsWith('localhost') && path.includes('_pyr.tif'),
  );
}
