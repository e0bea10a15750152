import type { DrawOptions } from '../draws.js';
import { HARDWARE } from '../injections.js';
import { apDifference, type DataSet, estimateOf, kindStratum, measureStratum } from '../measure.js';
import { percent, tableLines, withInterval } from '../table.js';
import { type CollectedNets, nameOf, SCORES } from './collect-nets.js';
import type { NetVariant } from './net-planes.js';
import { COMPARED } from './net-scorers.js';
import { FALSE_PLACES, foundAtPlaces, type PlainPlaces } from './places.js';
import type { TrainedNet } from './train-net-variant.js';

/** What is set beside `zeros` on the same draws. */
const AGAINST_ZEROS = ['neighbours', 'all cells'] as const;
const HEAD = [
  'score',
  ...COMPARED,
  ...AGAINST_ZEROS.map((net) => `${net} - zeros`),
  ...['zeros', 'neighbours'].map((net) => `top: ${net}`),
];

/** Average precision of all nets on the same draws: on the crops, and on the pictures that no training has seen. */
export function reportNets(
  collected: readonly CollectedNets[],
  groups: Readonly<Record<string, ReadonlySet<string>>>,
  trained: ReadonlyMap<NetVariant, TrainedNet>,
  draws: DrawOptions,
): { lines: string[]; figures: Record<string, number> } {
  const figures: Record<string, number> = {};
  const lines = [
    'average precision: ten positive tiles to 7,000 plain ones, means and 95 % intervals over ' +
      `${draws.imageDraws} draws of images with ${draws.objectDraws} sets of objects each, the same for all`,
    'differences draw by draw; top: share of objects in the top 0.2 / 1 / 5 % of tiles',
    'found: share of objects whose best tile is above all but so many plain places in 1,000 tiles; overlapping tiles are one place',
    'all cells: with neighbours, and by the cells along a tile’s border, too',
  ];
  for (const [variant, { losses }] of trained) {
    figures[`${variant}.first_loss`] = losses.first;
    figures[`${variant}.last_loss`] = losses.last;
    lines.push(`loss, ${variant}: ${losses.first.toFixed(3)} at first, ${losses.last.toFixed(3)} at last`);
  }
  for (const [group, names] of Object.entries(groups)) {
    const own = collected.filter(({ image }) => names.has(image.name));
    const data = dataOf(own);
    const count = (kind: string): number => data.objects.filter((object) => object.kind === kind).length;
    const plain = data.images.reduce((sum, image) => sum + image.plain.values().next().value!.length, 0);
    figures[`${group}.images`] = data.images.length;
    figures[`${group}.plain_tiles`] = plain;
    const drawn = HARDWARE.map((kind) => `${count(kind)} x ${kind}`).join(', ');
    lines.push('', `${group}: ${data.images.length} pictures, ${plain} plain tiles; drawn in: ${drawn}`);
    for (const stratum of ['overall', ...HARDWARE])
      lines.push(...stratumLines(group, stratum, data, draws, figures));
    const places = own.map(({ plainPlaces }) => plainPlaces);
    for (const kind of HARDWARE) lines.push(...placeLines(group, kind, data, places, draws, figures));
  }
  return { lines, figures };
}

/** Objects name their image by its place. */
function dataOf(collected: readonly CollectedNets[]): DataSet {
  return {
    images: collected.map(({ image }) => image),
    objects: collected.flatMap(({ objects }, image) => objects.map((object) => ({ ...object, image }))),
  };
}

function stratumLines(
  group: string,
  stratum: string,
  data: DataSet,
  draws: DrawOptions,
  figures: Record<string, number>,
): string[] {
  const names = SCORES.flatMap((score) => COMPARED.map((net) => nameOf(net, score)));
  const kinds = stratum === 'overall' ? HARDWARE : [stratum];
  const measured = measureStratum(kindStratum(stratum, data, kinds), data, names, draws);
  const rows = SCORES.map((score) => {
    const of = (net: (typeof COMPARED)[number]) => measured.get(nameOf(net, score))!;
    const columns = {
      ...Object.fromEntries(COMPARED.map((net) => [net, of(net).ap])),
      ...Object.fromEntries(
        AGAINST_ZEROS.map((net) => [`${net} - zeros`, apDifference(of(net), of('zeros'))]),
      ),
    };
    for (const [column, { value, low, high }] of Object.entries(columns)) {
      const name = `${group}.${stratum}.${score}.${column}`;
      Object.assign(figures, { [name]: value, [`${name}_low`]: low, [`${name}_high`]: high });
    }
    const tops = (['zeros', 'neighbours'] as const).map((net) => {
      of(net).found.top.forEach((share, i) => {
        figures[`${group}.${stratum}.${score}.${net}_top_${['0.2', '1', '5'][i]}_percent`] = share;
      });
      return of(net).found.top.map(percent).join(' / ');
    });
    return [score, ...Object.values(columns).map(withInterval), ...tops];
  });
  return ['', stratum, ...tableLines([HEAD, ...rows])];
}

/** Shares of objects that are found, where overlapping plain tiles count once. */
function placeLines(
  group: string,
  kind: string,
  { objects }: DataSet,
  pictures: readonly PlainPlaces[],
  draws: DrawOptions,
  figures: Record<string, number>,
): string[] {
  const own = objects.filter((object) => object.kind === kind);
  const names = SCORES.flatMap((score) => COMPARED.map((net) => nameOf(net, score)));
  const rows = FALSE_PLACES.flatMap((perThousand) => {
    const options = { draws: draws.imageDraws, seed: draws.seed };
    const found = foundAtPlaces(names, pictures, own, perThousand, options);
    return SCORES.map((score) => {
      const of = (net: (typeof COMPARED)[number]) => found.get(nameOf(net, score))!;
      const zeros = of('zeros').ofDraws;
      const columns = {
        ...Object.fromEntries(COMPARED.map((net) => [net, of(net).share])),
        ...Object.fromEntries(
          AGAINST_ZEROS.map((net) => [
            `${net} - zeros`,
            estimateOf(of(net).ofDraws.map((share, i) => share - zeros[i]!)),
          ]),
        ),
      };
      for (const [column, { value, low, high }] of Object.entries(columns)) {
        const name = `${group}.${kind}.${score}.found_at_${perThousand}.${column}`;
        Object.assign(figures, { [name]: value, [`${name}_low`]: low, [`${name}_high`]: high });
      }
      return [`${perThousand}`, score, ...Object.values(columns).map(withInterval)];
    });
  });
  const head = ['places', 'score', ...COMPARED, ...AGAINST_ZEROS.map((net) => `${net} - zeros`)];
  return ['', `${kind}: found`, ...tableLines([head, ...rows])];
}
