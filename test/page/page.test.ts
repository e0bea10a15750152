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
      startHttpServer({ host: '127.0.0.1', port: 0, token }, vitals, createMetrics(), createResultReader(db));
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
    expect(complaints.splice(0)).toEqual([]);
  });

  /** Opens the page and waits for its list; whatever the browser complains of fails the test. */
  async function open(address = server.address): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1100, height: 760 },
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    pages.push(page);
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(address);
    await page.locator('#list .card').first().waitFor();
    return page;
  }

  const eventually = <T>(read: () => T) => expect.poll(read, { timeout: SOON_MS });
  const cards = (page: Page) => page.locator('#list .card');
  const selected = (page: Page) => page.locator('#list .is-selected');
  const told = async (page: Page, name: string) =>
    Number(await page.locator('#map').getAttribute(`data-${name}`));

  it('opens with a point and a card for each detection, and the chips load', async () => {
    const page = await open();
    expect(await cards(page).count()).toBe(TOTAL);
    await eventually(() => told(page, 'marks')).toBe(TOTAL);
    await eventually(() => told(page, 'names')).toBeGreaterThan(0);
    const chip = page.locator('#list img').first();
    await eventually(() =>
      chip.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    ).toBe(64);
    expect(await page.locator('#status').textContent()).toContain('4 images scanned');
    expect(await cards(page).first().textContent()).toContain('8.90');
    expect(await page.locator('#list .product').first().getAttribute('href')).toContain('view_lroc');
  });

  it('selects by mouse: the card, the pictures, the uncertainty at true size, then the point on the map', async () => {
    const page = await open();
    await cards(page).first().click();
    await eventually(() => page.locator('#detail figure img').count()).toBe(4);
    const widths = page.locator('#detail figure img');
    await eventually(() =>
      widths.evaluateAll((all) =>
        all.map((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
      ),
    ).toEqual([64, 64, 64, 256]);
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
    await page.keyboard.press('Escape');
    expect(await selected(page).count()).toBe(0);
    expect(await page.locator('#detail').isHidden()).toBe(true);
    await page.getByRole('button', { name: 'Show all' }).click();
    await cards(page).nth(2).click();
    await page.getByRole('button', { name: 'Close-up' }).click();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await eventually(() => selected(page).count()).toBe(0);
    await page.waitForTimeout(300);
    const box = (await page.locator('#map').boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await eventually(() => selected(page).count()).toBe(1);
    expect(await selected(page).textContent()).toContain('8.70');
  });

  it('leaves map and details room beside each other on a telephone', async () => {
    const page = await open();
    await page.setViewportSize({ width: 390, height: 844 });
    await cards(page).first().click();
    await eventually(() => page.locator('#detail figure img').count()).toBe(4);
    const map = (await page.locator('#map').boundingBox())!;
    const detail = (await page.locator('#detail').boundingBox())!;
    expect(map.height).toBeGreaterThan(100);
    expect(detail.y).toBeGreaterThanOrEqual(map.y + map.height - 1);
    await page.getByRole('button', { name: 'Close', exact: true }).click({ timeout: SOON_MS });
    await eventually(() => page.locator('#detail').isHidden()).toBe(true);
  });

  it('walks through the list by the arrow keys', async () => {
    const page = await open();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    expect(await selected(page).textContent()).toContain('8.70');
    await page.keyboard.press('ArrowUp');
    expect(await selected(page).textContent()).toContain('8.80');
    expect(await page.locator('#list .card:focus').textContent()).toContain('8.80');
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

  it('filters by score and by image', async () => {
    const page = await open();
    await page.locator('#min-score').fill('8');
    await eventually(() => cards(page).count()).toBe(PER_IMAGE);
    await eventually(() => told(page, 'marks')).toBe(PER_IMAGE);
    await page.locator('#min-score').fill('0');
    await page.locator('#product').selectOption('M1271742203LC');
    await eventually(() => cards(page).count()).toBe(PER_IMAGE);
    await eventually(() => told(page, 'lat')).toBeCloseTo(-86, 1);
    await page.locator('#known').selectOption('yes');
    await eventually(() => cards(page).count()).toBe(0);
    expect(await page.locator('#summary').textContent()).toBe('No detection fits the filter.');
  });

  it('keeps both sides of the antimeridian together', async () => {
    const page = await open();
    await cards(page).filter({ hasText: '7.90' }).click();
    await page.getByRole('button', { name: 'Close-up' }).click();
    await page.locator('#in-view').check();
    await eventually(() => cards(page).count()).toBeLessThan(TOTAL);
    const sides = await page.locator('#list .place').allTextContents();
    expect(sides.some((text) => text.includes('179.9950° E'))).toBe(true);
    expect(sides.some((text) => text.includes('179.9950° W'))).toBe(true);
    expect(sides.every((text) => text.includes('179.9950'))).toBe(true);
  });

  it('draws the poles', async () => {
    const page = await open();
    await page.locator('#projection').selectOption('south');
    await eventually(() => told(page, 'marks')).toBe(3 * PER_IMAGE);
    await page.locator('#projection').selectOption('north');
    await eventually(() => told(page, 'marks')).toBe(3 * PER_IMAGE);
    await cards(page).filter({ hasText: '5.90' }).click();
    await eventually(() => page.locator('#map').getAttribute('data-kind')).toBe('cylindrical');
  });

  it('shows what is committed meanwhile, without a reload', async () => {
    const page = await open();
    await scanImage(db, { id: 'M1271742209LC', lon: -20, lat: 9.6 }, 9.95);
    await eventually(() => cards(page).count()).toBe(TOTAL + PER_IMAGE);
    expect(await page.locator('#list .is-new').count()).toBe(PER_IMAGE);
    expect(await cards(page).first().textContent()).toContain('9.85');
    await eventually(() => page.locator('#status').textContent()).toContain('5 images scanned');
  });

  it('opens with a token, which does not stay in the address', async () => {
    const page = await open(`${locked.address}/?token=secret`);
    expect(page.url()).toBe(`${locked.address}/`);
    await page.reload();
    await cards(page).first().waitFor();
  });

  it('says what to do where the token is missing', async () => {
    const page = await browser.newPage();
    pages.push(page);
    await page.goto(locked.address);
    await eventually(() => page.locator('#notice').textContent()).toContain('/?token=');
  });
});
