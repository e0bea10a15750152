/**
 * Angles of the Sun over the real crops, which have no labels: from the time in their product ids and the place
 * where they were cut out (near the Chang'e 4 site), checked on real index rows that state both. Prints
 * `models/starter-incidence.json`. Usage: npm run bench -- quality/crop-light > models/starter-incidence.json
 */
import { existsSync, readFileSync } from 'node:fs';
import type { LonLat } from '../../src/domain/geometry.js';
import { angleDeg } from '../../src/geo/sphere.js';
import { CROPS } from './crops.js';

const SITE: LonLat = { lon: 177.6, lat: -45.5 };
/** In no training set, and elsewhere. */
const OTHER = 'M143947267L';
const RADIANS = Math.PI / 180;
const sin = (degrees: number): number => Math.sin(degrees * RADIANS);
const cos = (degrees: number): number => Math.cos(degrees * RADIANS);

/** Point of the Moon below the Sun, within 0.05 degrees. @see Meeus (1998), Astronomical Algorithms, ch. 25, 47, 53 */
function subSolar(time: Date): LonLat {
  const days = (time.getTime() - Date.UTC(2000, 0, 1, 12)) / 86_400_000 + 66 / 86_400;
  const t = days / 36_525;
  const anomaly = 357.52911 + 35_999.05029 * t;
  const sun =
    280.46646 +
    36_000.76983 * t +
    (1.914602 - 0.004817 * t) * sin(anomaly) +
    0.019993 * sin(2 * anomaly) +
    0.000289 * sin(3 * anomaly);
  const d = 297.8501921 + 445_267.1114034 * t;
  const m = 134.9633964 + 477_198.8675055 * t;
  const f = 93.272095 + 483_202.0175233 * t;
  const longitude =
    218.3164477 +
    481_267.88123421 * t +
    6.288774 * sin(m) +
    1.274027 * sin(2 * d - m) +
    0.658314 * sin(2 * d) +
    0.213618 * sin(2 * m) -
    0.185116 * sin(anomaly) -
    0.114332 * sin(2 * f) +
    0.058793 * sin(2 * d - 2 * m) +
    0.057066 * sin(2 * d - anomaly - m) +
    0.053322 * sin(2 * d + m) +
    0.045758 * sin(2 * d - anomaly);
  const latitude =
    5.128122 * sin(f) + 0.280602 * sin(m + f) + 0.277693 * sin(m - f) + 0.173237 * sin(2 * d - f);
  const moonKm = 385_000.56 - 20_905.355 * cos(m) - 3_699.111 * cos(2 * d - m) - 2_955.968 * cos(2 * d);
  const sunKm = 149_597_870.7 * (1 - 0.016708634 * cos(anomaly));
  const ratio = moonKm / sunKm;
  const seenLongitude = sun + 180 + (ratio / RADIANS) * cos(latitude) * sin(sun - longitude);
  const seenLatitude = ratio * latitude;
  const tilt = 1.54242;
  const w = seenLongitude - (125.0445479 - 1934.1362891 * t);
  const turn =
    Math.atan2(
      sin(w) * cos(seenLatitude) * cos(tilt) - sin(seenLatitude) * sin(tilt),
      cos(w) * cos(seenLatitude),
    ) / RADIANS;
  const lat = Math.asin(-sin(w) * cos(seenLatitude) * sin(tilt) - sin(seenLatitude) * cos(tilt)) / RADIANS;
  return { lon: ((((turn - f + 180) % 360) + 360) % 360) - 180, lat };
}

/** A NAC's number is the spacecraft's clock, seconds since 2001; its origin moved when it got ten digits. */
function timeOf(productId: string): Date {
  const number = Number(/\d+/.exec(productId)?.[0]);
  const clock = number < 1e9 ? number + 167_053_534 : number - 732_946_467;
  return new Date(Date.UTC(2001, 0, 1) + clock * 1000);
}

let worst = 0;
let rows = 0;
for (const file of ['INDEX_901', 'INDEX_902']) {
  const path = `../shared/data/index/${file}.TAB`;
  if (!existsSync(path)) continue;
  const columns = JSON.parse(readFileSync('../shared/data/index/INDEX_columns.json', 'utf8')) as unknown;
  const names = columnNames(columns);
  for (const line of readFileSync(path, 'latin1').trim().split(/\r?\n/)) {
    const fields = line.split(',').map((field) => field.replaceAll('"', '').trim());
    const field = (name: string): string => fields[names.indexOf(name)] ?? '';
    const place = { lon: Number(field('CENTER_LONGITUDE')), lat: Number(field('CENTER_LATITUDE')) };
    const made = angleDeg(place, subSolar(timeOf(field('PRODUCT_ID'))));
    worst = Math.max(worst, Math.abs(made - Number(field('INCIDENCE_ANGLE'))));
    rows++;
  }
}
console.error(`${rows} real index rows: incidence within ${worst.toFixed(3)} degrees of theirs`);
const incidences = CROPS.filter(({ file }) => !file.startsWith(OTHER)).map(({ file }) => [
  file,
  Number(angleDeg(SITE, subSolar(timeOf(file))).toFixed(1)),
]);
console.log(JSON.stringify(Object.fromEntries(incidences), null, 2));

function columnNames(columns: unknown): string[] {
  const list = (Array.isArray(columns) ? columns : Object.values(columns as object).find(Array.isArray)) as {
    name?: string;
    NAME?: string;
  }[];
  return list.map(({ name, NAME }) => name ?? NAME ?? '');
}
