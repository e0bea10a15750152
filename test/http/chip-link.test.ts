import { createHash, createHmac } from 'node:crypto';
import fetch from 'node-fetch';
import { afterEach, describe, expect, it } from 'vitest';
import { chipLink, chipSignature, isSignedLink, linkPads } from '../../src/http/chip-link.js';
import { startHttpServer, type HttpServer } from '../../src/http/server.js';
import { createResultReader } from '../../src/cli/result-reader.js';
import { listDetections } from '../../src/store/queries/list-detections.js';
import { keepLinkPads } from '../../src/store/queries/link-pads.js';
import { grantRoles } from '../../src/store/roles.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { scanImage } from '../store/alert-samples.js';
import { useModel } from '../store/samples.js';
import { describeWithDatabase } from '../support/database.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

describe('a signed link', () => {
  it('carries the HMAC-SHA256 of its path', () => {
    const key = createHash('sha256').update('secret').digest();
    const wanted = createHmac('sha256', key).update('/api/detections/7/chip.png').digest('base64url');
    expect(chipSignature(linkPads('secret'), 7)).toBe(wanted);
  });

  it('holds for its own picture alone', () => {
    const pads = linkPads('secret');
    const link = chipLink('', pads, 7);
    expect(isSignedLink(pads, link)).toBe(true);
    expect(isSignedLink(pads, `${link}&v=abc`)).toBe(true);
    expect(isSignedLink(linkPads('other'), link)).toBe(false);
    for (const changed of [
      link.replace('/7/', '/8/'),
      link.replace('/7/', '/07/'),
      link.replace('chip', 'context'),
      link.replace('/api/detections/7/chip.png', '/api/detections'),
      link.slice(0, -1),
      `${link}A`,
      link.replace(/\?.*/, ''),
    ])
      expect({ changed, holds: isSignedLink(pads, changed) }).toEqual({ changed, holds: false });
  });

  it('is made with a key of chance where there is no secret', () => {
    expect(linkPads('')).not.toEqual(linkPads(''));
  });
});

describeWithDatabase('the links of the views', (createDatabase) => {
  it('are signed as the server expects, which shows the picture without a token and nothing else', async () => {
    const db = await createDatabase();
    await useModel(db);
    await scanImage(db, 1, 2);
    const before = await listDetections(db, { limit: 2 });
    expect(before.map(({ chip_url }) => chip_url).every((url) => url.endsWith('/chip.png'))).toBe(true);
    const links = await keepLinkPads(db, linkPads(''), false);
    expect(await keepLinkPads(db, linkPads(''), false)).toEqual(links);

    const vitals = { ready: () => Promise.resolve(), status: () => Promise.resolve({}) };
    const listen = { host: '127.0.0.1', port: 0, token: 'token', links };
    const server = await startHttpServer({
      listen,
      vitals,
      metrics: createMetrics(),
      results: createResultReader(db),
    });
    open.push(server);
    const rows = await listDetections(db, { limit: 2 });
    const outlines = await db.query<{ id: number; chip_url: string }>(
      'SELECT id, chip_url FROM selenoscan.detection_outlines',
    );
    for (const { id, chip_url: url } of [...rows, ...outlines]) {
      expect(url).toBe(chipLink('http://127.0.0.1:8080', links, id));
      const here = `${server.address}${new URL(url).pathname}${new URL(url).search}`;
      const answer = await fetch(here);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toMatch(/^tile \d$/);
      expect((await fetch(here.replace('chip', 'context'))).status).toBe(401);
      expect((await fetch(here.replace('/chip.png', ''))).status).toBe(401);
    }
    const replaced = await keepLinkPads(db, linkPads('configured'), true);
    expect(replaced).toEqual(linkPads('configured'));
  });
});

describeWithPostgres('people who may only read', () => {
  it('see signed links, and not the key', async () => {
    const { db } = await createTestDatabase();
    await useModel(db);
    await scanImage(db, 1, 1);
    const pads = await keepLinkPads(db, linkPads('secret'), true);
    expect(await grantRoles(db)).toBeNull();
    const [row] = await db.transaction(async (tx) => {
      await tx.query('SET LOCAL ROLE selenoscan_read');
      return tx.query<{ id: number; chip_url: string }>('SELECT id, chip_url FROM selenoscan.detections');
    });
    expect(row?.chip_url).toBe(chipLink('http://127.0.0.1:8080', pads, row?.id ?? 0));
    const reading = db.transaction(async (tx) => {
      await tx.query('SET LOCAL ROLE selenoscan_read');
      return tx.query('SELECT value FROM selenoscan_data.setting');
    });
    await expect(reading).rejects.toThrow('permission denied');
  });
});
