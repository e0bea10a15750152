import type { Box } from '../api.js';
import type { FeatureCollection, NamedFeature } from '../../http/contract.js';

/** Metres per pixel of the first look, which asks for the large features of the whole Moon. */
const WHOLE_MOON_KM = 20;
/** A ring is worth its download when it is as many pixels wide. */
const VISIBLE_PX = 5;

/** Named features as the map needs them: the large ones at first, the small ones of what is looked at. */
export class Gazetteer {
  readonly #ask: (box: Box | null, minDiameterKm: number) => Promise<FeatureCollection>;
  readonly #onFeatures: (fresh: readonly NamedFeature[]) => void;
  readonly #known = new Map<number, NamedFeature>();
  #sorted: readonly NamedFeature[] = [];
  #whole = false;
  #last = '';

  constructor(
    ask: (box: Box | null, minDiameterKm: number) => Promise<FeatureCollection>,
    onFeatures: (fresh: readonly NamedFeature[]) => void,
  ) {
    this.#ask = ask;
    this.#onFeatures = onFeatures;
  }

  /** All that are known so far, the largest first. */
  get features(): readonly NamedFeature[] {
    return this.#sorted;
  }

  /** Fetches what a view of `box` at `resolution` (metres per pixel) shows and is not here yet. */
  async need(box: Box | null, resolution: number): Promise<void> {
    if (!this.#whole) {
      this.#whole = true;
      await this.#fetch(null, WHOLE_MOON_KM);
    }
    const least = Math.max(0, (VISIBLE_PX * resolution) / 1000);
    if (box === null || least >= WHOLE_MOON_KM) return;
    const wide = padded(box);
    const question = JSON.stringify([wide, least]);
    if (question === this.#last) return;
    this.#last = question;
    await this.#fetch(wide, least);
  }

  async #fetch(box: Box | null, minDiameterKm: number): Promise<void> {
    // The map goes without what cannot be had; the next move asks again.
    const answer = await this.#ask(box, minDiameterKm).catch(() => null);
    if (answer === null) {
      this.#last = '';
      if (box === null) this.#whole = false;
      return;
    }
    const fresh = answer.features.filter(({ id }) => !this.#known.has(id));
    if (fresh.length === 0) return;
    for (const feature of fresh) this.#known.set(feature.id, feature);
    const size = ({ properties }: NamedFeature) => properties.diameter_km ?? 0;
    this.#sorted = [...this.#known.values()].sort((a, b) => size(b) - size(a));
    this.#onFeatures(fresh);
  }
}

/** The box on whole steps around it, so that small moves ask nothing new. */
function padded([west, south, east, north]: Box): Box {
  const width = west <= east ? east - west : east - west + 360;
  const step = Math.max(0.05, 2 ** Math.round(Math.log2(Math.max(width, north - south) / 2)));
  const down = (value: number) => Math.floor(value / step - 0.5) * step;
  const up = (value: number) => Math.ceil(value / step + 0.5) * step;
  const [low, high] = [Math.max(-90, down(south)), Math.min(90, up(north))];
  if (width + 3 * step >= 360) return [-180, low, 180, high];
  const wrap = (lon: number) => (lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon);
  return [wrap(down(west)), low, wrap(up(east)), high];
}
