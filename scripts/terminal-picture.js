import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

/**
 * Draws what a terminal showed as a picture: `node scripts/terminal-picture.js SCREEN.txt OUT.png`, the screen as
 * `tmux capture-pane -p` prints it. The browser is CHROME or Debian's chromium.
 */
const [screen, out] = process.argv.slice(2);
const executablePath = process.env.CHROME ?? '/usr/bin/chromium';
if (screen === undefined || out === undefined) {
  console.error('usage: node scripts/terminal-picture.js SCREEN.txt OUT.png');
  process.exit(2);
}
if (!existsSync(executablePath)) {
  console.error('There is no browser: apt-get install chromium, or name one by CHROME.');
  process.exit(1);
}
const text = readFileSync(screen, 'utf8').trimEnd();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ deviceScaleFactor: 2 });
  await page.setContent(`<style>
    body { margin: 0; display: inline-block; background: #14161a; }
    pre { margin: 0; padding: 18px 22px; color: #d6dae0; font: 13px/1.45 'DejaVu Sans Mono', monospace; }
  </style><pre></pre>`);
  await page.locator('pre').evaluate((pre, shown) => {
    pre.textContent = shown;
  }, text);
  await page.locator('body').screenshot({ path: out });
} finally {
  await browser.close();
}
