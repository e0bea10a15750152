import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

/**
 * Takes a picture of the page as it stands after its first look around:
 * `node scripts/screenshot.js URL OUT.png [--width 1440] [--height 900] [--select 1] [--close-up] [--projection north]
 * [--keys "ArrowRight a r ?"] [--reviewer Anna]`.
 * `--select N` opens the N-th chip; `--keys` presses keys, which reviews. The browser is CHROME or Debian's chromium.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    width: { type: 'string', default: '1440' },
    height: { type: 'string', default: '900' },
    scale: { type: 'string', default: '1' },
    select: { type: 'string' },
    'close-up': { type: 'boolean', default: false },
    projection: { type: 'string' },
    keys: { type: 'string', default: '' },
    reviewer: { type: 'string', default: 'Anna' },
  },
});
const [url, out] = positionals;
const executablePath = process.env.CHROME ?? '/usr/bin/chromium';
if (url === undefined || out === undefined) {
  console.error(
    'usage: node scripts/screenshot.js URL OUT.png [--width W] [--height H] [--select N] [--close-up]',
  );
  process.exit(2);
}
if (!existsSync(executablePath)) {
  console.error('There is no browser: apt-get install chromium, or name one by CHROME.');
  process.exit(1);
}
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({
    viewport: { width: Number(values.width), height: Number(values.height) },
    deviceScaleFactor: Number(values.scale),
    reducedMotion: 'reduce',
  });
  page.on('console', (message) => message.type() === 'error' && console.error(message.text()));
  page.on('pageerror', (error) => console.error(error.message));
  await page.addInitScript(`localStorage.setItem('selenoscan.reviewer', ${JSON.stringify(values.reviewer)})`);
  await page.goto(url);
  await page.locator('#map[data-marks]').waitFor();
  if (values.projection !== undefined) await page.selectOption('#projection', values.projection);
  if (values.select !== undefined)
    await page
      .locator('#grid .cell')
      .nth(Number(values.select) - 1)
      .click();
  if (values['close-up']) await page.getByRole('button', { name: 'Close-up' }).click();
  for (const key of values.keys.split(' ').filter((part) => part !== '')) {
    await page.keyboard.press(key);
    await page.waitForTimeout(250);
  }
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await page.waitForTimeout(1500);
  await page.screenshot({ path: out });
} finally {
  await browser.close();
}
