#!/usr/bin/env node
import { ensureBuilt } from '../scripts/ensure-built.js';

ensureBuilt();
const { main } = await import('../dist/cli/main.js');
await main(process.argv);
