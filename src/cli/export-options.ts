import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { LonLatBox } from '../domain/results.js';
import { PROJECT_VIEW_NAMES, type ProjectViewName } from '../exports/qgis/project-views.js';
import { normaliseLon } from '../geo/sphere.js';
import { numberFrom, whole } from './numbers.js';
import { EMBEDDED_OPTION } from './parts.js';

/** Options of `export` as they were given. */
export interface ExportFlags {
  readonly out?: string;
  readonly layers?: readonly string[];
  readonly force?: boolean;
  readonly thumbnails?: boolean;
  readonly view?: ProjectViewName;
  readonly toDatabase?: boolean;
  readonly minScore?: number;
  readonly maxScore?: number;
  readonly limit?: number;
  readonly since?: Date;
  readonly until?: Date;
  readonly bbox?: LonLatBox;
  readonly within?: string;
  readonly minIncidence?: number;
  readonly maxIncidence?: number;
  readonly model?: string;
  readonly review?: string;
  readonly known?: 'yes' | 'no';
  readonly product?: string;
  readonly embedded?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function withExportOptions(command: Command): Command {
  const score = numberFrom(-1000, 1000);
  const incidence = numberFrom(0, 180);
  return command
    .option(
      '--out <file>',
      'what to write: X.gpkg, X.geojson, X.geojsonl, X.csv, X.qgz, or DIR/ for a STAC catalogue',
    )
    .option('--layers <names>', 'views to export, e.g. detections,coverage; .gpkg takes several', names)
    .option('--min-score <score>', 'only scores from this', score)
    .option('--max-score <score>', 'only scores up to this', score)
    .option('--limit <n>', 'only so many detections, those with the highest scores', whole(1))
    .option('--since <date>', 'only images taken at this time or later (UTC)', moment)
    .option('--until <date>', 'only images taken before this time (UTC)', moment)
    .option('--bbox <w,s,e,n>', 'only what meets this box, degrees; west > east crosses 180', box)
    .option('--within <file>', 'only what meets the polygons of this GeoJSON file, degrees on the Moon')
    .option('--min-incidence <deg>', 'only images with the Sun so far from the zenith, or farther', incidence)
    .option('--max-incidence <deg>', 'only images with the Sun so near the zenith, or nearer', incidence)
    .option('--model <id>', 'what this model found instead of the active one')
    .option('--review <verdict>', 'only those with this verdict; any = reviewed, none = not reviewed')
    .addOption(
      new Option('--known <yes|no>', 'whether a known human-made object lies there').choices(['yes', 'no']),
    )
    .option('--product <id>', 'only this product or image', productId)
    .option('--thumbnails', "STAC: the best detection's picture beside each item")
    .addOption(
      new Option(
        '--view <view>',
        'X.qgz: the map that it opens on; filters make it carry the rows that meet them',
      ).choices(PROJECT_VIEW_NAMES),
    )
    .option('--to-database', 'write the QGIS projects into the database, where QGIS lists them')
    .option('--force', 'replace what is there')
    .option(...EMBEDDED_OPTION);
}

function names(text: string): string[] {
  const given = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (given.length > 0) return [...new Set(given)];
  throw new InvalidArgumentError('Give names of views, e.g. detections,coverage.');
}

/** Longitudes also as 0 to 360. */
function box(text: string): LonLatBox {
  const [west = NaN, south = NaN, east = NaN, north = NaN, ...rest] = text
    .split(',')
    .map((part) => (part.trim() === '' ? NaN : Number(part)));
  const fits =
    rest.length === 0 &&
    [west, east].every((lon) => lon >= -180 && lon <= 360) &&
    [south, north].every((lat) => Math.abs(lat) <= 90) &&
    south <= north;
  if (!fits)
    throw new InvalidArgumentError(
      'Give west,south,east,north in degrees, such as -30,0,30,10; a box with west > east crosses 180.',
    );
  if (east - west >= 360) return { west: -180, south, east: 180, north };
  return { west: normaliseLon(west), south, east: normaliseLon(east), north };
}

/** Of the ways to write a time those that mean the same on every machine: without a zone it is UTC. */
const isoMoment = z.union([z.iso.date(), z.iso.datetime({ offset: true, local: true })]);
const NAMES_ZONE = /^[\d-]{10}$|Z$|[+-]\d\d:?\d\d$/;

function moment(text: string): Date {
  if (isoMoment.safeParse(text).success) return new Date(NAMES_ZONE.test(text) ? text : `${text}Z`);
  throw new InvalidArgumentError('Give a time (UTC) such as 2026-04-30 or 2026-04-30T01:28:54Z.');
}

function productId(text: string): string {
  if (/^\w{1,40}$/.test(text)) return text;
  throw new InvalidArgumentError('Give a product or image id such as M1271742202LC.');
}
