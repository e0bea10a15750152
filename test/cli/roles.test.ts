import { expect, it, onTestFinished } from 'vitest';
import { startReplica } from '../../src/replica/replica.js';
import { rolesOf } from '../../src/cli/roles.js';
import { ALL_ROLES } from '../../src/domain/role.js';
import { runCli, sentenceOf, startCli } from '../support/cli.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';

it('takes one role, several or all, and names those there are', () => {
  expect(rolesOf('all')).toBe(ALL_ROLES);
  expect([...rolesOf('scan')]).toEqual(['scan']);
  expect([...rolesOf('poll, web')]).toEqual(['poll', 'web']);
  expect(() => rolesOf('poll,scanner')).toThrow('"scanner" is no role; say all, or some of poll, scan');
});

describeWithPostgres('a deployment of several processes', () => {
  it('polls in one, scans in another, and shows itself in a third', async () => {
    const { db, url } = await createTestDatabase();
    const replica = await startReplica({ port: 0, seed: 5, images: 1, lines: 1088 });
    onTestFinished(() => replica.close());
    const env = {
      DATABASE_URL: url,
      SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
      SELENOSCAN_ARCHIVE_SPACING_MS: '0',
      SELENOSCAN_TILING_STRIDE_X: '64',
      SELENOSCAN_TILING_STRIDE_Y: '64',
      SELENOSCAN_HTTP_PORT: '0',
    };
    const states = () =>
      db.query('SELECT state, count(*) FROM selenoscan_data.scan GROUP BY state ORDER BY state');

    const polled = await runCli(['run', '--once', '--role', 'poll', '--json'], env);
    expect(sentenceOf(polled)).toBe('');
    expect(JSON.parse(polled.stdout)).toMatchObject({ scans: {}, engine: null, left: { queued: 1 } });
    expect(await states()).toContainEqual({ state: 'queued', count: 1 });

    const page = startCli(['run', '--role', 'web'], env);
    onTestFinished(() => void page.kill('SIGKILL'));
    let log = '';
    page.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await expect.poll(() => /"address":"([^"]+)"/.exec(log)?.[1], { timeout: 20_000 }).toBeDefined();
    const address = /"address":"([^"]+)"/.exec(log)![1]!;
    const metric = async (name: string) => {
      const text = await (await fetch(`${address}/metrics`)).text();
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(name))
          ?.split(' ')
          .at(-1),
      );
    };
    expect(await metric('selenoscan_database_up')).toBe(1);
    expect(await metric('selenoscan_queue_scans{lane="live",state="queued"}')).toBe(1);
    expect((await fetch(`${address}/`)).status).toBe(200);
    const before = await metric('selenoscan_newest_image_timestamp_seconds{what="seen"}');
    expect(before).toBeGreaterThan(1.7e9);

    const scanned = await runCli(['run', '--once', '--role', 'scan', '--json'], env);
    expect(JSON.parse(scanned.stdout)).toMatchObject({ scans: { scanned: 1 }, left: { queued: 0 } });
    await expect
      .poll(() => metric('selenoscan_newest_image_timestamp_seconds{what="scanned"}'), { timeout: 5000 })
      .toBe(before);

    page.kill('SIGTERM');
    await expect.poll(() => page.exitCode, { timeout: 10_000 }).toBe(0);
  }, 120_000);

  it('refuses a role that there is not', async () => {
    const run = await runCli(['run', '--role', 'scanner']);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('"scanner" is no role');
  });
});
