import type { PlantedKind, PlantedObject } from '../simulation/planted.js';
import type { PlannedProduct } from './planned-product.js';

/** One planted object, as `/truth.json` tells it. */
export interface TruthEntry {
  readonly product_id: string;
  readonly terrain: 'smooth' | 'rugged';
  readonly kind: PlantedKind;
  /** 0-based, pixel centre + 0.5. */
  readonly line: number;
  readonly sample: number;
  /** Degrees, longitude -180..180, by the replica's own exact mapping. */
  readonly lon: number;
  readonly lat: number;
  readonly size_m: number;
}

export function truthOf(product: PlannedProduct, planted: readonly PlantedObject[]): TruthEntry[] {
  return planted.map(({ kind, line, sample, sizeM }) => ({
    product_id: product.productId,
    terrain: product.scene.terrain,
    kind,
    line,
    sample,
    ...product.look.strip.locate({ line, sample }),
    size_m: sizeM,
  }));
}
