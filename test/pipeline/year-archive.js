/**
 * An archive that has nothing but its indexes, in a process of its own: thousands of rows in a month. Its rows are those
 * of a few planned images over and over, each with an id and a time of its own. Told by messages `{ release: ROWS }`
 * and `{ change: [VOLUME, COUNT] }`, it answers what is expected of whoever polls it; `{ log: true }` is answered by
 * the requests since the last time.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { ensureBuilt } from '../../scripts/ensure-built.js';

ensureBuilt();
const { indexColumns, recordBytes } = await import('../../dist/archive/index/index-columns.js');
const { formatIndexLabel } = await import('../../dist/replica/index-label.js');
const { idNumber, clockSeconds } = await import('../../dist/replica/planned-product.js');
const { planVolume } = await import('../../dist/replica/volume.js');
const { followingVolume, volumePeriod } = await import('../../dist/replica/volume-period.js');

const DATA_SET = 'LRO-L-LROC-3-CDR-V1.0';
const PLANNED = 40;
/** Of five rows one is no NAC image of the Moon. */
const OTHERS = 5;
/** Every so many NAC rows: a set quality bit, and an incidence that its places do not give. */
const BAD_QUALITY = 10;
const BAD_INCIDENCE = 997;
const MAX_INCIDENCE_DEG = Number(process.argv[3]);

/** Index files by path; of the tables only the latest stay. */
const files = new Map();
const released = new Map();
let period = null;
let log = [];

function makeVolume(from, rows, changed) {
  const { volumeId } = from;
  const width = recordBytes(volumeId);
  const columns = new Map(indexColumns(volumeId).map((column) => [column.name, column]));
  const planned = planVolume(from, { seed: 5, images: PLANNED, lines: 4096, samples: 5064 });
  const text = planned.table.body.toString('latin1');
  const valueOf = (record, name) => {
    const { startByte, bytes } = columns.get(name);
    return record.slice(startByte - 1, startByte - 1 + bytes).trim();
  };
  const records = Array.from({ length: text.length / width }, (_, n) =>
    text.slice(n * width, (n + 1) * width),
  );
  const isNac = (record) => /^M\d+[LR]C$/.test(valueOf(record, 'PRODUCT_ID'));
  const nac = records.filter(isNac);
  const others = records.filter((record) => !isNac(record));
  const table = Buffer.alloc(rows * width);
  const set = (row, name, value) => {
    const { startByte, bytes } = columns.get(name);
    table.write(value.padStart(bytes), row * width + startByte - 1, 'latin1');
  };
  const expected = { products: 0, queued: 0, incidence: 0, quality: 0, incidence_mismatch: 0, others: 0 };
  const span = (from.to.getTime() - from.from.getTime()) / rows;
  for (let row = 0; row < rows; row++) {
    const other = row % OTHERS === OTHERS - 1;
    const source = other ? others : nac;
    const record = source[row % source.length];
    table.write(record, row * width, 'latin1');
    const start = new Date(Math.round(from.from.getTime() + row * span));
    const letters = valueOf(record, 'PRODUCT_ID')
      .replace(/^([A-Z])\d+/, '$1|')
      .split('|');
    const id = `${letters[0]}${idNumber(clockSeconds(start))}${letters[1]}`;
    set(row, 'PRODUCT_ID', id);
    set(
      row,
      'FILE_SPECIFICATION_NAME',
      valueOf(record, 'FILE_SPECIFICATION_NAME').replace(/[^/]+\.IMG$/, `${id}.IMG`),
    );
    const time = (date) => date.toISOString().replace('T', ' ').replace('Z', '');
    set(row, 'START_TIME', time(start));
    set(row, 'STOP_TIME', time(new Date(start.getTime() + 20_000)));
    if (other) {
      expected.others++;
      continue;
    }
    const n = expected.products++;
    if (n < changed) set(row, 'EMISSION_ANGLE', '3.33');
    if (n % BAD_QUALITY === 1) set(row, 'DATA_QUALITY_ID', '16');
    if (n % BAD_INCIDENCE === 2) {
      set(row, 'INCIDENCE_ANGLE', '12.00');
      expected.incidence_mismatch++;
    } else if (Number(valueOf(record, 'INCIDENCE_ANGLE')) > MAX_INCIDENCE_DEG) expected.incidence++;
    else if (n % BAD_QUALITY === 1) expected.quality++;
    else expected.queued++;
  }
  const created = new Date(from.to.getTime() + 90 * 86_400_000);
  const label = Buffer.from(formatIndexLabel({ volumeId, dataSetId: DATA_SET, table, created }), 'latin1');
  for (const [name, body] of [
    ['LBL', label],
    ['TAB', table],
  ]) {
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    if (name === 'TAB') for (const path of [...files.keys()]) if (path.endsWith('.TAB')) files.delete(path);
    files.set(`${DATA_SET}/${volumeId}/INDEX/INDEX.${name}`, { body, etag });
  }
  return { volumeId, expected };
}

const server = createServer((request, response) => {
  const front = request.headers.host.startsWith('127.0.0.1');
  const path = request.url.slice(1);
  log.push({ front, path, conditional: request.headers['if-none-match'] !== undefined });
  const entry = log[log.length - 1];
  response.once('finish', () => (entry.status = response.statusCode));
  if (front) {
    const location = `http://localhost:${server.address().port}/${path}`;
    return response.writeHead(302, { Location: location, 'Content-Length': 0 }).end();
  }
  const file = files.get(path);
  if (file === undefined) return response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
  if (request.headers['if-none-match'] === file.etag)
    return response.writeHead(304, { ETag: file.etag }).end();
  return response
    .writeHead(200, { ETag: file.etag, 'Content-Type': 'text/plain', 'Content-Length': file.body.length })
    .end(file.body);
});

process.on('message', (message) => {
  if (message.release !== undefined) {
    period = period === null ? volumePeriod(process.argv[2]) : followingVolume(period);
    released.set(period.volumeId, { period, rows: message.release });
    process.send(makeVolume(period, message.release, 0));
  } else if (message.change !== undefined) {
    const [volumeId, count] = message.change;
    const { period: from, rows } = released.get(volumeId);
    process.send(makeVolume(from, rows, count));
  } else {
    process.send(log);
    log = [];
  }
});
server.listen(0, 'localhost', () => {
  // Two names of one server: the front host and, where redirects lead, the store.
  process.send({ address: `http://127.0.0.1:${server.address().port}/` });
});
