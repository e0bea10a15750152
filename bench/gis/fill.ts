import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { fillSynthetic } from './synthetic-results.js';
const [url = '', images = '100'] = process.argv.slice(2);
const db = await openPostgres({ url, statementTimeoutMs: 0 });
await fillSynthetic(db, Number(images));
console.log(await db.query('select count(*) from selenoscan.detections'));
await db.close();
