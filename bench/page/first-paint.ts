/**
 * How soon the page is seen on a large database: from the start of the navigation to the first paint, to the first
 * chips, and to a chip after a jump to the end of what is loaded; and how soon a verdict is kept. A cold browser
 * each time; medians.
 *
 * Usage: npm run bench -- page/first-paint [--detections 100000] [--times 7] [--json] [--keep FILE]
 */
import { cpSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium, type Browser, type Page } from 'playwright-core';
import { createResultReader } from '../../src/cli/result-reader.js';
import { startHttpServer } from '../../src/http/server.js';
import type { Database } from '../../src/store/database.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { queueStatus } from '../../src/store/queries/queue-status.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { MODEL, seed } from '../gis/seed.js';
import { seedChips } from './seed-chips.js';
import { withServer } from '../harness/throwaway-server.js';

const { values: o } = parseArgs({
  options: {
    detections: { type: 'string', default: '100000' },
    times: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
    keep: { type: 'string' },
  },
});
const SERVER = { shared_buffers: '256MB', max_wal_size: '4GB' };
const note = (text: string): void => console.error(text);

/** Milliseconds of the page's own clock since the navigation began, when `ready` holds for the first time. */
const WHEN = `window.when = (ready) => new Promise((tell) => {
  const look = () => (ready() ? tell(performance.now()) : requestAnimationFrame(look));
  look();
})`;
const CHIPS = `when(() => {
  const list = document.querySelector('#grid');
  if (list === null) return false;
  const box = list.getBoundingClientRect();
  const inSight = [...list.querySelectorAll('.cell')].filter((cell) => {
    const { top, bottom } = cell.getBoundingClientRect();
    return bottom > box.top && top < box.bottom;
  });
  return inSight.length > 0 && inSight.every((cell) => cell.querySelector('img')?.naturalWidth > 0);
})`;

await withServer(SERVER, async (url) => {
  const db = await openPostgres({ url, poolSize: 4, statementTimeoutMs: 0 });
  try {
    await run(db);
  } finally {
    await db.close();
  }
});

async function run(db: Database): Promise<void> {
  const { rows } = await seed(db, Number(o.detections), note);
  await seedChips(db, note);
  // The compiled server looks for the page beside itself.
  cpSync('dist/page', 'dist/bench/dist/page', { recursive: true });
  const vitals = { ready: () => Promise.resolve(), status: () => queueStatus(db, MODEL) };
  const server = await startHttpServer({
    listen: { host: '127.0.0.1', port: 0, token: '' },
    vitals,
    metrics: createMetrics(),
    results: createResultReader(db),
  });
  const executablePath = process.env['CHROME'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const measured: Opened[] = [];
    // The first one alone also fills the caches of the database.
    await open(browser, server.address);
    for (let i = 0; i < Number(o.times); i++) measured.push(await open(browser, server.address));
    report({
      detections: rows,
      first_paint_ms: median(measured.map(({ paint }) => paint)),
      first_chips_ms: median(measured.map(({ chips }) => chips)),
      map_ms: median(measured.map(({ map }) => map)),
      scrolled_chips_ms: median(measured.map(({ scrolled }) => scrolled)),
      verdict_ms: median(measured.map(({ verdict }) => verdict)),
      elements: median(measured.map(({ elements }) => elements)),
    });
  } finally {
    await browser.close();
    await server.close();
  }
}

interface Opened {
  readonly paint: number;
  readonly chips: number;
  readonly map: number;
  readonly scrolled: number;
  readonly verdict: number;
  readonly elements: number;
}

async function open(browser: Browser, address: string): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    await context.addInitScript(`${WHEN}; localStorage.setItem('selenoscan.reviewer', 'bench')`);
    const page = await context.newPage();
    await page.goto(address, { waitUntil: 'commit' });
    const chips = await numberOf(page, CHIPS);
    const map = await numberOf(page, `when(() => Number(document.querySelector('#map').dataset.marks) > 0)`);
    const paint = await numberOf(page, `performance.getEntriesByName('first-contentful-paint')[0].startTime`);
    const started = await numberOf(
      page,
      `(() => { const grid = document.querySelector('#grid'); grid.scrollTop = grid.scrollHeight; return performance.now(); })()`,
    );
    const scrolled = (await numberOf(page, CHIPS)) - started;
    await page.keyboard.press('Home');
    await page.locator('#grid .is-selected').waitFor();
    const pressed = await numberOf(page, 'performance.now()');
    const kept = page.waitForResponse((answer) => answer.request().method() === 'POST');
    await page.keyboard.press('r');
    await kept;
    const verdict = (await numberOf(page, 'performance.now()')) - pressed;
    const elements = await numberOf(page, `document.querySelectorAll('*').length`);
    return { paint, chips, map, scrolled, verdict, elements };
  } finally {
    await context.close();
  }
}

async function numberOf(page: Page, expression: string): Promise<number> {
  return Number(await page.evaluate(expression));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? NaN);
}

function report(figures: Record<string, number>): void {
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  const lines = [machine, ...Object.entries(figures).map(([name, value]) => `${name.padEnd(20)} ${value}`)];
  if (o.keep !== undefined) void writeFile(`${o.keep}.txt`, `${lines.join('\n')}\n`);
  console.log(o.json ? JSON.stringify({ bench: 'page', machine, figures, ratios: {} }) : lines.join('\n'));
}
