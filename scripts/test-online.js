import { parseArgs } from 'node:util';
import { ensureBuilt } from './ensure-built.js';

/**
 * Asks the real archive what could not be confirmed without it: `npm run test:online [-- --config FILE]`. Needs a
 * network; asks politely, some 40 small requests. The last line is `N passed, N failed`.
 */
const { values } = parseArgs({ options: { config: { type: 'string' } } });
ensureBuilt();
const { askOnline } = await import('../dist/cli/online/main.js');
const tally = await askOnline(values.config);
console.log(`${tally?.passed ?? 0} passed, ${tally?.failed ?? 1} failed`);
process.exitCode = tally !== null && tally.failed === 0 ? 0 : 1;
