import { createRandom } from '../../src/domain/random.js';
import type { RasterSource } from '../../src/domain/raster.js';
import { assignTiles, TILE_ROLES } from '../../src/evaluation/assign-tiles.js';
import { drawTiles, scoredTiles } from '../../src/evaluation/choose-tiles.js';
import {
  evaluateScore,
  type EvaluatedImage,
  type ScoreEvaluation,
} from '../../src/evaluation/evaluate-scores.js';
import type { Label } from '../../src/evaluation/labels.js';
import { scanImage, type ImageScan } from '../../src/pipeline/scan-image.js';
import type { ScanTools } from '../../src/pipeline/score-image.js';
import { scoresNamed, type ScoreName } from '../../src/scoring/normalise.js';
import {
  INSIDE,
  STRIDE_X,
  type Box,
  type Experiment,
  type Lander,
  type Site,
  type SitePicture,
} from './paper-experiments.js';

const PLAIN = TILE_ROLES.indexOf('plain');
const EDGE = TILE_ROLES.indexOf('edge');

/** Scans the pictures of sites; those without hardware once. */
export class SiteScanner {
  readonly #tools: ScanTools;
  readonly #signal = new AbortController().signal;
  readonly #plain = new Map<string, ImageScan>();

  constructor(tools: ScanTools) {
    this.#tools = tools;
  }

  /** The first picture has the hardware. */
  async scan(site: Site, strideY: number): Promise<ImageScan[]> {
    const scans: ImageScan[] = [];
    for (const [i, picture] of site.pictures.entries()) {
      const key = `${picture.name} ${strideY}`;
      const known = i === 0 ? undefined : this.#plain.get(key);
      const scan = known ?? (await this.#scan(picture, strideY));
      if (i > 0) this.#plain.set(key, scan);
      scans.push(scan);
    }
    return scans;
  }

  #scan(picture: SitePicture, strideY: number): Promise<ImageScan> {
    const { x, y } = picture.shadow;
    const options = { ...this.#tools.options, strideX: STRIDE_X, strideY, budget: 0 };
    return scanImage(inMemory(picture), { x: -x, y: -y }, { ...this.#tools, options }, this.#signal);
  }
}

/** How each score ranks the tiles around one lander of a site: the experiment's positives among plain tiles. */
export function evaluateLander(
  site: Site,
  lander: Lander,
  scans: readonly ImageScan[],
  { tiles, strideY }: Experiment,
  names: readonly ScoreName[],
  seed: number,
): Record<string, ScoreEvaluation> {
  const images = scans.map((scan, i): EvaluatedImage => {
    const named = scan.scores.named();
    const labels = i === 0 ? labelsOf(site, lander) : [];
    // Other hardware makes no tile positive, whatever it touches.
    const landers = assignTiles(scan.grid, labels.slice(0, 1), INSIDE);
    const touched = assignTiles(scan.grid, labels.slice(1), 0);
    const role = landers.role.map((own, tile) =>
      own === PLAIN && touched.role[tile] !== PLAIN ? EDGE : own,
    );
    return {
      labels: labels.slice(0, 1),
      assignment: { role, tilesOf: landers.tilesOf },
      scores: Object.fromEntries(names.map((name) => [name, scoresNamed(named, name)])),
    };
  });
  dropSurplus(images, scans, tiles, seed + strideY);
  return Object.fromEntries(
    names.map((name) => [name, evaluateScore(images, name, { resamples: 0, seed })!]),
  );
}

/** Leaves as many plain tiles as the experiment has, drawn at random. */
function dropSurplus(
  images: readonly EvaluatedImage[],
  scans: readonly ImageScan[],
  wanted: number,
  seed: number,
): void {
  const all = scoredTiles(scans.map(({ grid, scores }) => ({ grid, scores: scores.raw })));
  const roleOf = ({ image, tile }: { image: number; tile: number }) => images[image]!.assignment.role[tile];
  const plain = all.filter((tile) => roleOf(tile) === PLAIN);
  const positives = all.filter((tile) => roleOf(tile) === TILE_ROLES.indexOf('positive')).length;
  const surplus = Math.max(0, plain.length + positives - wanted);
  for (const { image, tile } of drawTiles(plain, surplus, createRandom(seed)))
    images[image]!.assignment.role[tile] = EDGE;
}

/** The lander first, then everything else. */
function labelsOf({ landers, others }: Site, chosen: Lander): Label[] {
  const around = ({ x, y, sizePx }: Lander): Box => ({
    x0: x - sizePx / 2,
    y0: y - sizePx / 2,
    x1: x + sizePx / 2,
    y1: y + sizePx / 2,
  });
  const label = (box: Label['box'], className: string): Label => ({
    productId: 'site',
    x: (box.x0 + box.x1) / 2,
    y: (box.y0 + box.y1) / 2,
    box,
    className,
    sun: null,
  });
  return [
    label(around(chosen), 'lander'),
    ...landers.filter((lander) => lander !== chosen).map((lander) => label(around(lander), 'other')),
    ...others.map((box) => label(box, 'other')),
  ];
}

function inMemory({ width, height, data }: SitePicture): RasterSource {
  return {
    info: { width, height, format: 'memory', exactNulls: false },
    async *strips(ranges) {
      for (const { firstLine, lines } of ranges) {
        // The scan transfers the buffer.
        yield await Promise.resolve({
          firstLine,
          lines,
          width,
          data: data.slice(firstLine * width, (firstLine + lines) * width),
        });
      }
    },
    window: (x, y, w, h) =>
      Promise.resolve(
        Uint8Array.from({ length: w * h }, (_, i) => data[(y + Math.floor(i / w)) * width + x + (i % w)]!),
      ),
    close: () => Promise.resolve(),
  };
}
