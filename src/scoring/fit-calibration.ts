import type { ScanProfile } from '../domain/scan-profile.js';
import { scoreOnAxis, type Calibration, type CalibrationCell, type Condition } from './calibration.js';
import { fitTail } from './generalised-pareto.js';
import { fitInputs } from './input-reference.js';
import { mixed, rounded, withPrior } from './mixture.js';
import { sharesAt } from './nearness.js';
import { FEWEST_TILES, type PooledStatistics } from './normalise.js';
import { axisOf, type ScoreAxis } from './score-axis.js';

/** Knots between the lowest score and the highest, at most. */
const KNOTS = 40;
/** Share of plain tiles that the tail is fitted to, and the fewest it needs. */
const TAIL_SHARE = 0.02;
const FEWEST_IN_TAIL = 30;
/** Keeps scores apart where no tile of the reference lies between two knots. */
const LEAST_RISE = 1e-4;
/** Incidences that cells are of, degrees, as far as there are images. */
const INCIDENCES = [10, 20, 30, 40, 50, 60, 70, 80, 90];
/** Contrasts that cells are of, as far as there are images: level ground under a high Sun has the least. */
const CONTRASTS = [0.02, 0.04, 0.08, 0.16, 0.32];
/** What a calibration begins with. */
export interface Beginning {
  /** What small images are measured against; an earlier one's where not given. */
  readonly pooled: PooledStatistics;
  /** Calibration of the same score that holds wherever there are no images, such as one of synthetic terrain. */
  readonly prior?: Calibration | null;
}

/**
 * Learns the scores of plain terrain by lighting and contrast.
 *
 * @param profiles of images without hardware.
 * @throws RangeError when there are fewer than 100 scored tiles, too few for a distribution.
 */
export function fitCalibration(
  profiles: readonly ScanProfile[],
  score: string,
  { pooled, prior = null }: Beginning,
): Calibration {
  const tiles = profiles.reduce((sum, profile) => sum + profile.tiles, 0);
  if (tiles < FEWEST_TILES) {
    throw new RangeError(
      `a calibration needs ${FEWEST_TILES} scored tiles of plain terrain, ${tiles} were given`,
    );
  }
  for (const other of [...profiles, ...(prior ? [prior] : [])])
    if (other.score !== score)
      throw new Error(`A calibration of ${score} cannot be learnt from ${other.score}.`);
  const axis = axisOf(score);
  const edges = knotEdges(profiles, axis, prior);
  const incidences = nodesWithin(
    INCIDENCES,
    profiles.flatMap(({ incidenceDeg }) => incidenceDeg ?? []),
    prior?.incidences ?? [],
  );
  const contrasts = nodesWithin(
    CONTRASTS,
    profiles.map(({ contrast }) => contrast),
    prior?.contrasts ?? [],
  );
  const total = tiles + (prior?.tiles ?? 0);
  return {
    score,
    images: profiles.length + (prior?.images ?? 0),
    tiles: total,
    axis,
    knots: edges.map((edge) => rounded(axis.from + edge * axis.step)),
    incidences,
    contrasts,
    cells: [...incidences, null].flatMap((incidenceDeg) =>
      [...contrasts, null].map((contrast) => {
        const density = densityAt(profiles, { incidenceDeg, contrast }, axis, prior);
        return fitCell(density, total, axis, edges);
      }),
    ),
    inputs: [...incidences, null].map((incidenceDeg) => fitInputs(profiles, incidenceDeg, prior)),
    pooled,
  };
}

/** Shares of plain tiles by bin of the axis. */
function densityAt(
  profiles: readonly ScanProfile[],
  place: Condition,
  axis: ScoreAxis,
  prior: Calibration | null,
): Float64Array {
  const { shares, near } = sharesAt(profiles, place);
  const density = mixed(
    profiles.map(({ scores }) => scores),
    shares,
    axis.bins,
  );
  if (prior === null) return density;
  const before = densityOf(prior, place);
  return density.map((share, bin) => withPrior(share, near, before[bin]!));
}

function densityOf(calibration: Calibration, place: Condition): Float64Array {
  const { axis } = calibration;
  const scoreAt = scoreOnAxis(calibration, place);
  const above = Array.from({ length: axis.bins + 1 }, (_, edge) =>
    edge === 0 ? 1 : edge === axis.bins ? 0 : 10 ** -scoreAt(axis.from + edge * axis.step),
  );
  return Float64Array.from({ length: axis.bins }, (_, bin) => above[bin]! - above[bin + 1]!);
}

function fitCell(
  density: Float64Array,
  tiles: number,
  axis: ScoreAxis,
  edges: readonly number[],
): CalibrationCell {
  const above = new Float64Array(axis.bins + 1);
  for (let bin = axis.bins - 1; bin >= 0; bin--) above[bin] = above[bin + 1]! + density[bin]!;
  const inTail = Math.min(1, Math.max(TAIL_SHARE, FEWEST_IN_TAIL / tiles));
  const scores: number[] = [];
  for (const edge of edges) {
    if (scores.length > 0 && above[edge]! < inTail) break;
    const score = -Math.log10((Math.min(above[edge]!, 1) * tiles + 0.5) / (tiles + 1));
    scores.push(rounded(Math.max(score, (scores.at(-1) ?? -1) + LEAST_RISE)));
  }
  const from = edges[scores.length - 1]!;
  const excesses = Float64Array.from({ length: axis.bins - from }, (_, i) => (i + 0.5) * axis.step);
  const tail = fitTail(
    excesses,
    density.subarray(from).map((share) => share * tiles),
  );
  return { scores, tail: { shape: rounded(tail.shape), scale: rounded(tail.scale) } };
}

/** Edges of bins, equally far apart, from below the lowest tile to above the highest. */
function knotEdges(profiles: readonly ScanProfile[], axis: ScoreAxis, prior: Calibration | null): number[] {
  const before = (prior?.knots ?? []).map((knot) => Math.round((knot - axis.from) / axis.step));
  const first = Math.min(...before, ...profiles.map(({ scores }) => scores.first));
  const last = Math.max(...before, ...profiles.map(({ scores }) => scores.first + scores.counts.length));
  const step = Math.max(1, Math.ceil((last - first) / KNOTS));
  const edges: number[] = [];
  for (let edge = first; edge < last; edge += step) edges.push(edge);
  return [...edges, Math.min(last, axis.bins - 1)].filter((edge, i, all) => i === 0 || edge > all[i - 1]!);
}

/** Nodes as far as there are images, and one beyond on either side. */
function nodesWithin(
  nodes: readonly number[],
  values: readonly number[],
  before: readonly number[],
): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return nodes.filter(
    (node, i) =>
      before.includes(node) || ((nodes[i + 1] ?? Infinity) > low && (nodes[i - 1] ?? -Infinity) < high),
  );
}
