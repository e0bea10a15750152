import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createResultReader } from '../../src/cli/result-reader.js';
import type { Chips, Detection } from '../../src/domain/detection.js';
import { startHttpServer, type HttpServer } from '../../src/http/server.js';
import type { Database } from '../../src/store/database.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { queueStatus } from '../../src/store/queries/queue-status.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import {
  MODEL,
  announce,
  claim,
  sampleDetection,
  sampleProduct,
  sampleResult,
  squareAround,
  useModel,
} from '../store/samples.js';
import { emptiedEmbedded } from '../support/embedded.js';
import { describeWith, findProgram, missing } from '../support/needs.js';
import { createTestDatabase } from '../support/postgres.js';

/** Images with five detections each: the first with the highest scores, two at the antimeridian, one polar. */
const IMAGES = [
  { id: 'M1271742200LC', lon: 22.05, lat: 19.5 },
  { id: 'M1271742201LC', lon: 179.995, lat: 10 },
  { id: 'M1271742202LC', lon: -179.995, lat: 10 },
  { id: 'M1271742203LC', lon: 45, lat: -86 },
] as const;
const PER_IMAGE = 5;
const TOTAL = IMAGES.length * PER_IMAGE;
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** How soon things must be seen, on a busy machine, too; the page asks for news every two seconds. */
const SOON_MS = 8000;

async function png(size: number, shade: number): Promise<Buffer> {
  return sharp({
    create: { width: size, height: size, channels: 3, background: { r: shade, g: shade, b: 90 } },
  })
    .png()
    .toBuffer();
}

async function chips(shade: number): Promise<Chips> {
  const [tile, reconstruction, error, context] = await Promise.all(
    [64, 64, 64, 256].map((size) => png(size, shade)),
  );
  return { tile: tile!, reconstruction: reconstruction!, error: error!, context: context! };
}

async function scanImage(
  db: Database,
  image: { id: string; lon: number; lat: number },
  top: number,
): Promise<void> {
  const product = sampleProduct(image.id);
  await announce(db, product);
  const lease = await claim(db);
  const detections: Detection[] = [];
  for (let rank = 1; rank <= PER_IMAGE; rank++) {
    const place = { lon: image.lon, lat: image.lat + (rank - 3) / 500 };
    const sample = sampleDetection(product.imageId, rank, place);
    detections.push({ ...sample, score: top - rank / 10, chips: await chips(40 * rank) });
  }
  const coverage = squareAround(image.lon, image.lat, 0.01);
  await commitScan(db, lease, sampleResult(detections, { coverage }));
}

describeWith('chromium', 'the page', () => {
  let db: Database;
  let browser: Browser;
  let server: HttpServer;
  let locked: HttpServer;
  const complaints: string[] = [];
  const pages: Page[] = [];

  beforeAll(async () => {
    db = missing('postgres') === null ? (await createTestDatabase()).db : await emptiedEmbedded();
    await useModel(db);
    for (const [i, image] of IMAGES.entries()) await scanImage(db, image, 9 - i);
    await db.query(`INSERT INTO selenoscan_data.feature (id, name, type, lon, lat, diameter_km)
      VALUES (1, 'Copernicus', 'crater', -20.08, 9.62, 96), (2, 'Mare Imbrium', 'mare', -14.9, 34.7, 1145)
      ON CONFLICT DO NOTHING`);
    const vitals = { ready: () => Promise.resolve(), status: () => queueStatus(db, MODEL) };
    const start = (token: string) =>
      startHttpServer({
        listen: { host: '127.0.0.1', port: 0, token },
        vitals,
        metrics: createMetrics(),
        results: createResultReader(db),
      });
    [server, locked] = await Promise.all([start(''), start('secret')]);
    const executablePath = process.env['CHROME'] ?? findProgram('chromium') ?? '';
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([server.close(), locked.close()]);
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
    await db.query('DELETE FROM selenoscan_data.review');
    await db.query('UPDATE selenoscan_data.detection SET review = NULL, reviewer = NULL, reviewed_at = NULL');
    expect(complaints.splice(0)).toEqual([]);
  });

  /** Opens the page and waits for its grid; whatever the browser complains of fails the test. */
  async function open(address = server.address, reviewer = 'Anna'): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
    });
    if (reviewer !== '')
      await context.addInitScript(`localStorage.setItem('selenoscan.reviewer', '${reviewer}')`);
    const page = await context.newPage();
    pages.push(page);
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(address);
    await cells(page).first().waitFor();
    await page.locator('#map[data-marks]').waitFor();
    return page;
  }

  const eventually = <T>(read: () => T) => expect.poll(read, { timeout: SOON_MS });
  const cells = (page: Page) => page.locator('#grid .cell');
  const selected = (page: Page) => page.locator('#grid .is-selected');
  const text = (page: Page, id: string) => page.locator(`#${id}`).textContent();
  const told = async (page: Page, name: string) =>
    Number(await page.locator('#map').getAttribute(`data-${name}`));
  const severe = async (page: Page) => {
    await page.evaluate(axeSource);
    const found = await page.evaluate<{
      violations: { id: string; impact: string | null; nodes: { html: string }[] }[];
    }>('axe.run()');
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  };

  it('opens with a point and a chip for each detection', async () => {
    const page = await open();
    expect(await cells(page).count()).toBe(TOTAL);
    await eventually(() => told(page, 'marks')).toBe(TOTAL);
    await eventually(() => told(page, 'names')).toBeGreaterThan(0);
    const chip = page.locator('#grid img').first();
    await eventually(() =>
      chip.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    ).toBe(64);
    await eventually(() => text(page, 'status')).toContain('4 images scanned');
    expect(await cells(page).first().textContent()).toContain('8.90');
    await eventually(() => text(page, 'summary')).toBe(`${TOTAL} detections`);
    expect(await severe(page)).toEqual([]);
  });

  it('selects by mouse: the cell, the pictures, the uncertainty at true size, then the point on the map', async () => {
    const page = await open();
    await cells(page).first().click();
    const pictures = page.locator('#detail figure img');
    await eventually(() =>
      pictures.evaluateAll((all) =>
        all.map((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
      ),
    ).toEqual([64, 64, 64, 256]);
    expect(await page.locator('#detail dl a').getAttribute('href')).toContain('view_lroc');
    await page.getByRole('button', { name: 'Close-up' }).click();
    await eventually(() => told(page, 'resolution')).toBeLessThan(5);
    expect(await told(page, 'lon')).toBeCloseTo(22.05, 3);
    // The scale bar tells the Moon's metres: map metres shrink with the latitude's cosine.
    const bar = page.locator('.ol-scale-line-inner');
    const metres = parseFloat((await bar.textContent()) ?? '');
    const width = parseFloat(
      await bar.evaluate((line) => (line as unknown as { style: { width: string } }).style.width),
    );
    expect(metres / width).toBeCloseTo(
      (await told(page, 'resolution')) * Math.cos((19.496 * Math.PI) / 180),
      1,
    );
    await page.locator('#grid').focus();
    await page.keyboard.press('Escape');
    expect(await selected(page).count()).toBe(0);
    expect(await page.locator('#detail').isHidden()).toBe(true);
    await page.getByRole('button', { name: 'Show all' }).click();
    await cells(page).nth(2).click();
    await page.getByRole('button', { name: 'Close-up' }).click();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await eventually(() => selected(page).count()).toBe(0);
    await page.waitForTimeout(500);
    const box = (await page.locator('#map').boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await eventually(() => selected(page).count()).toBe(1);
    expect(await selected(page).textContent()).toContain('8.70');
  });

  it('leaves map and details room beside each other on a telephone', async () => {
    const page = await open();
    await page.setViewportSize({ width: 390, height: 844 });
    await cells(page).first().click();
    await eventually(() => page.locator('#detail figure img').count()).toBe(4);
    const map = (await page.locator('#map').boundingBox())!;
    const detail = (await page.locator('#detail').boundingBox())!;
    expect(map.height).toBeGreaterThan(100);
    expect(detail.y).toBeGreaterThanOrEqual(map.y + map.height - 1);
    const verdict = (await page.getByRole('button', { name: 'Accept' }).boundingBox())!;
    expect(verdict.y + verdict.height).toBeLessThanOrEqual(detail.y + detail.height);
    await page.getByRole('button', { name: 'Close', exact: true }).click({ timeout: SOON_MS });
    await eventually(() => page.locator('#detail').isHidden()).toBe(true);
  });

  it.each([320, 390, 600, 861])('fits into a window of %i pixels', async (width) => {
    const page = await open();
    await page.setViewportSize({ width, height: 844 });
    await cells(page).first().click();
    await eventually(() => page.locator('#detail figure img').count()).toBe(4);
    const beyond = (): Promise<string[]> =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll('header *, main, aside, aside > *, #map-tools *, #detail *')]
          .filter((part) => part.getBoundingClientRect().right > innerWidth + 1)
          .map((part) => part.outerHTML.slice(0, 80))`,
      );
    await eventually(beyond).toEqual([]);
  });

  it('walks through the grid by the arrow keys', async () => {
    const page = await open();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
    expect(await selected(page).textContent()).toContain('8.70');
    await page.keyboard.press('ArrowLeft');
    expect(await selected(page).textContent()).toContain('8.80');
    const id = await selected(page).getAttribute('id');
    expect(await page.locator('#grid:focus').getAttribute('aria-activedescendant')).toBe(id);
    // Four chips fit beside one another here.
    await page.keyboard.press('ArrowDown');
    expect(await selected(page).textContent()).toContain('7.90');
    await page.keyboard.press('End');
    expect(await selected(page).textContent()).toContain('5.50');
    await page.keyboard.press('Enter');
    await eventually(() => told(page, 'resolution')).toBeLessThan(5);
  });

  it('shows the detection that its address names, also when the address changes', async () => {
    const rows = await db.query<{ id: number }>('SELECT id FROM selenoscan.detections ORDER BY score');
    const [last, other] = rows.map(({ id }) => id);
    const page = await open(`${server.address}/#detection/${last}`);
    await eventually(() => selected(page).allTextContents()).toEqual([expect.stringContaining('5.50')]);
    await eventually(() => told(page, 'resolution')).toBeLessThan(5);
    await page.evaluate(`location.hash = '#detection/${other}'`);
    await eventually(() => selected(page).allTextContents()).toEqual([expect.stringContaining('5.60')]);
  });

  it('filters by score, image, light and time', async () => {
    const page = await open();
    await page.locator('#min-score').fill('8');
    await eventually(() => cells(page).count()).toBe(PER_IMAGE);
    await eventually(() => told(page, 'marks')).toBe(PER_IMAGE);
    await page.locator('#min-score').fill('0');
    await page.getByText('More filters').click();
    await page.locator('#product').selectOption('M1271742203LC');
    await eventually(() => cells(page).count()).toBe(PER_IMAGE);
    await eventually(() => told(page, 'lat')).toBeCloseTo(-86, 1);
    await page.locator('#known').selectOption('yes');
    await eventually(() => cells(page).count()).toBe(0);
    expect(await text(page, 'summary')).toBe('No detection fits the filter.');
    await page.getByRole('button', { name: 'Clear' }).click();
    await eventually(() => cells(page).count()).toBe(TOTAL);
    await page.locator('#min-incidence').fill('40');
    await eventually(() => cells(page).count()).toBe(0);
    await page.locator('#min-incidence').fill('29');
    await page.locator('#since').fill('2026-04-10');
    await page.locator('#until').fill('2026-04-10');
    await eventually(() => cells(page).count()).toBe(TOTAL);
    await page.locator('#site-status').selectOption('none');
    await eventually(() => text(page, 'more-count')).toBe(' (4)');
    await eventually(() => cells(page).count()).toBe(TOTAL);
    expect(await severe(page)).toEqual([]);
  });

  it('keeps both sides of the antimeridian together', async () => {
    const page = await open();
    await cells(page).filter({ hasText: '7.90' }).click();
    await page.getByRole('button', { name: 'Close-up' }).click();
    await page.getByText('More filters').click();
    await page.locator('#in-view').check();
    await eventually(() => cells(page).count()).toBeLessThan(TOTAL);
    const sides = await cells(page).evaluateAll((all) =>
      all.map((one) => (one as unknown as { title: string }).title),
    );
    expect(sides.some((side) => side.includes('179.9950° E'))).toBe(true);
    expect(sides.some((side) => side.includes('179.9950° W'))).toBe(true);
    expect(sides.every((side) => side.includes('179.9950'))).toBe(true);
  });

  it('draws the poles', async () => {
    const page = await open();
    await page.locator('#projection').selectOption('south');
    await eventually(() => told(page, 'marks')).toBe(3 * PER_IMAGE);
    await page.locator('#projection').selectOption('north');
    await eventually(() => told(page, 'marks')).toBe(3 * PER_IMAGE);
    await cells(page).filter({ hasText: '5.90' }).click();
    await eventually(() => page.locator('#map').getAttribute('data-kind')).toBe('cylindrical');
  });

  it('lets ten be reviewed by keyboard, sees the efficiency change, and takes the last back', async () => {
    const page = await open(server.address, '');
    await eventually(() => text(page, 'reviewed')).toBe(`0 of ${TOTAL}`);
    expect(await text(page, 'eomv')).toBe('–');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('a');
    // The first verdict asks for a name.
    await page.locator('#reviewer-name').fill('Berta');
    await page.keyboard.press('Enter');
    await eventually(() => selected(page).textContent()).toContain('8.80');
    await eventually(() => text(page, 'eomv')).toMatch(/^[\d,]+×$/);
    const first = await text(page, 'eomv');
    for (const key of 'rrkxarrra') {
      const before = await selected(page).getAttribute('id');
      await page.keyboard.press(key);
      await eventually(() => selected(page).getAttribute('id')).not.toBe(before);
    }
    await eventually(() => text(page, 'reviewed')).toBe(`10 of ${TOTAL}`);
    await eventually(() => text(page, 'finds')).toBe('4');
    const after = await text(page, 'eomv');
    const figure = (shown: string | null) => Number(shown?.replace(/[^\d.]/g, ''));
    // One find in one look, then four in ten.
    expect(figure(first) / figure(after)).toBeCloseTo(10, 0);
    const rows = await db.query<{ review: string; reviewer: string }>(
      `SELECT review, reviewer FROM selenoscan_data.detection WHERE review IS NOT NULL ORDER BY score DESC`,
    );
    expect(rows.map(({ review }) => review)).toEqual([
      ...[
        'accept',
        'reject',
        'reject',
        'known',
        'artefact',
        'accept',
        'reject',
        'reject',
        'reject',
        'accept',
      ],
    ]);
    expect(new Set(rows.map(({ reviewer }) => reviewer))).toEqual(new Set(['Berta']));

    await page.keyboard.press('u');
    await eventually(() => text(page, 'reviewed')).toBe(`9 of ${TOTAL}`);
    await eventually(() => selected(page).getAttribute('data-review')).toBe('');
    await page.keyboard.press('n');
    await page.keyboard.type('a boulder? see r');
    await page.keyboard.press('Enter');
    await eventually(() => page.locator('.said').textContent()).toBe('Berta: note, a boulder? see r');
    await eventually(() => text(page, 'reviewed')).toBe(`9 of ${TOTAL}`);

    await page.keyboard.press('Home');
    await page.keyboard.press('s');
    await eventually(() => selected(page).textContent()).toContain('7.50');
    await page.locator('#review-state').selectOption('none');
    await eventually(() => cells(page).count()).toBe(TOTAL - 9);
    await page.locator('#review-state').selectOption('accept');
    await eventually(() => cells(page).count()).toBe(2);
    await page.getByRole('button', { name: 'Show all' }).click();
    await eventually(() => told(page, 'marks')).toBe(2);
    await page.locator('#review-state').focus();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    expect(await page.locator('#help').isVisible()).toBe(true);
    expect(await severe(page)).toEqual([]);
    await page.locator('#letters').uncheck();
    await page.keyboard.press('Escape');
    await page.locator('#grid').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('r');
    await page.waitForTimeout(300);
    expect(await text(page, 'finds')).toBe('3');
  });

  it('shows what another person reviews meanwhile, without a reload', async () => {
    const [one, two] = [await open(server.address, 'Anna'), await open(server.address, 'Carl')];
    await one.keyboard.press('ArrowRight');
    await one.keyboard.press('a');
    await eventually(() => text(one, 'reviewed')).toBe(`1 of ${TOTAL}`);
    await expect
      .poll(() => cells(two).first().getAttribute('data-review'), { timeout: 2 * SOON_MS })
      .toBe('accept');
    await eventually(() => text(two, 'reviewed')).toBe(`1 of ${TOTAL}`);
    await one.keyboard.press('u');
    await eventually(() => text(one, 'reviewed')).toBe(`0 of ${TOTAL}`);
  });

  it('shows what is committed meanwhile, without a reload', async () => {
    const page = await open();
    await scanImage(db, { id: 'M1271742209LC', lon: -20, lat: 9.6 }, 9.95);
    await eventually(() => cells(page).count()).toBe(TOTAL + PER_IMAGE);
    expect(await page.locator('#grid .is-new').count()).toBe(PER_IMAGE);
    expect(await cells(page).first().textContent()).toContain('9.85');
    await eventually(() => text(page, 'status')).toContain('5 images scanned');
  });

  it('opens with a token, which does not stay in the address', async () => {
    const page = await open(`${locked.address}/?token=secret`);
    expect(page.url()).toBe(`${locked.address}/`);
    await page.reload();
    await cells(page).first().waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('r');
    await eventually(() => text(page, 'reviewed')).toBe(`1 of ${TOTAL + PER_IMAGE}`);
  });

  it('says what to do where the token is missing', async () => {
    const page = await browser.newPage();
    pages.push(page);
    await page.goto(locked.address);
    await eventually(() => page.locator('#notice').textContent()).toContain('/?token=');
  });
});
