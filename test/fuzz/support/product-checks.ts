import type { LonLat } from '../../../src/domain/geometry.js';
import type { Product } from '../../../src/domain/product.js';
import type { IndexRow } from '../../../src/archive/index/index-record.js';
import { browsePath } from '../../../src/archive/archive-urls.js';
import { expectThat } from './target.js';

/** A product that is taken has its values in range; one without a doubt has all that places an image. */
export function checkRow(row: IndexRow): boolean {
  if (row.kind !== 'product') return false;
  const { product, doubt } = row;
  const within = (name: string, value: number, low: number, high: number, needed: boolean) =>
    expectThat(
      (value >= low && value <= high) || (Number.isNaN(value) && !needed),
      () => `${name} is ${value} in ${product.productId}`,
    );
  const whole = doubt === null;
  for (const [name, place] of placesOf(product)) {
    within(`${name}.lon`, place.lon, -180, 180, whole);
    within(`${name}.lat`, place.lat, -90, 90, whole);
  }
  within('incidence', product.incidenceDeg, 0, 180, whole);
  within('emission', product.emissionDeg, 0, 90, whole);
  within('phase', product.phaseDeg, 0, 180, false);
  within('resolution', product.resolutionM, 0.001, 999.98, whole);
  within('lines', product.lines, 1, 999_998, false);
  within('samples', product.samples, 1, 9998, false);
  expectThat(/^M\d{9,10}[LR][EC]$/.test(product.productId), () => `the id ${product.productId}`);
  expectThat(/^[0-9a-f]{64}$/.test(product.rowHash), () => 'a row hash');
  expectThat(product.version !== '' && product.volumeId !== '', () => 'no version or volume');
  for (const time of [product.startTime, product.stopTime])
    expectThat(Number.isFinite(time.getTime()), () => 'a time that is none');
  expectThat(
    /^[\w./-]+$/.test(product.fileSpecification) && !product.fileSpecification.includes('..'),
    () => 'a path',
  );
  expectThat(!browsePath(product).includes('..'), () => `the path ${browsePath(product)}`);
  return doubt?.skips !== true;
}

function placesOf({ center, subSolar, corners }: Product): [string, LonLat][] {
  return [['center', center], ['subSolar', subSolar], ...(Object.entries(corners) as [string, LonLat][])];
}
