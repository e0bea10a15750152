import type { Action } from './actions.js';
import { MOON_SCALE } from './crs.js';
import { labeling } from './labels.js';
import { PLACE, escaped, mapTip, metres, moment } from './map-tip.js';
import { categorized, graduated, single, unseen, type Range } from './renderers.js';
import {
  AGE_CLASSES,
  KNOWN,
  KNOWN_CLASS,
  SCORE_CLASSES,
  SCORE_END,
  SITE_CLASSES,
  type Colour,
} from './style-table.js';
import { area, mark, outline, ring, type Symbol } from './symbols.js';
import type { XmlNode } from './xml.js';

/** How a view of the schema `selenoscan` looks and behaves in QGIS. */
export interface ViewStyle {
  readonly view: string;
  readonly geometry: 'Point' | 'Polygon' | 'MultiPolygon';
  readonly name: string;
  /** One sentence on what the layer holds. */
  readonly about: string;
  readonly renderer: XmlNode;
  readonly labeling?: XmlNode;
  readonly mapTip: string;
  readonly actions: readonly Action[];
  /** Expression that names a feature in lists. */
  readonly display: string;
  /** Column with the moment of a feature, for QGIS's temporal controller. */
  readonly moment?: string;
}

const ARCHIVE: Action = { name: 'Open in the archive', shortTitle: 'Archive', url: '"product_url"' };
const SELENOSCAN: Action = {
  name: 'Open in Selenoscan',
  shortTitle: 'Selenoscan',
  url: `regexp_replace("chip_url", '/api/detections/.*$', '/') || '#detection/' || to_string("id")`,
};

const SCORE = 'format_number("score", 2)';
const TAKEN = { name: 'Taken', text: moment('"observed_at"') };
const UNCERTAINTY = { name: 'Uncertainty', text: `'±' || ${metres('"uncertainty_m"')} || ' (95 %)'` };
const LOCATION = { name: 'Coordinates', text: PLACE };
const NEAR = { name: 'Place', text: '"nearest_feature"' };
const KNOWN_OBJECT = {
  name: 'Known object',
  text: `"known_object" || coalesce(', ' || ${metres('"known_object_distance_m"')} || ' away', '')`,
};
const INCIDENCE = { name: 'Incidence', text: `format_number("incidence_deg", 1) || '°'` };

/**
 * Expression: how large a feature is on the map, millimetres. Rilles and chains are long and thin, and lettered
 * craters are many: they give way to what one knows the Moon by.
 */
const ON_MAP_MM =
  `coalesce("diameter_km", 0) * 1e6 / ${MOON_SCALE} * CASE WHEN "type" IN ('crater', 'mare', 'oceanus', 'sinus',` +
  ` 'lacus', 'palus', 'mons') THEN 1 ELSE 0.35 END`;

export const VIEW_STYLES: readonly ViewStyle[] = [
  {
    view: 'detections',
    geometry: 'Point',
    name: 'Detections',
    about: 'Anomalies found in the current scans of the active model.',
    renderer: graduated(
      `CASE WHEN "known_object" IS NULL THEN "score" ELSE ${KNOWN_CLASS} END`,
      [
        {
          from: KNOWN_CLASS,
          to: KNOWN_CLASS,
          label: KNOWN.label,
          symbol: mark('star', KNOWN.colour, KNOWN.size),
        },
        ...scoreRanges((colour, size) => mark('circle', colour, size)),
      ],
      '"score"',
    ),
    mapTip: mapTip(
      `'Score ' || ${SCORE} || ' · rank ' || to_string("rank_in_image") || ' in ' || ${escaped('"product_id"')}`,
      [
        LOCATION,
        UNCERTAINTY,
        NEAR,
        KNOWN_OBJECT,
        { name: 'Site', text: '"site_status"' },
        { name: 'Size', text: `${metres('"width_m"')} || ' × ' || ${metres('"height_m"')}` },
        TAKEN,
        INCIDENCE,
        { name: 'Review', text: '"review"' },
      ],
      '"chip_url"',
    ),
    actions: [ARCHIVE, SELENOSCAN],
    display: `"product_id" || ' #' || to_string("rank_in_image") || ' (' || ${SCORE} || ')'`,
    moment: 'observed_at',
  },
  {
    view: 'detection_outlines',
    geometry: 'MultiPolygon',
    name: 'Outlines',
    about: 'Outlines of the detections, with the same ids.',
    renderer: graduated(
      '"score"',
      scoreRanges((colour) => outline(colour, 0.35)),
      '"score"',
    ),
    mapTip: mapTip(
      `'Score ' || ${SCORE} || ' in ' || ${escaped('"product_id"')}`,
      [
        { name: 'Size', text: `${metres('"width_m"')} || ' × ' || ${metres('"height_m"')}` },
        UNCERTAINTY,
        TAKEN,
      ],
      '"chip_url"',
    ),
    actions: [SELENOSCAN],
    display: `"product_id" || ' #' || to_string("rank_in_image")`,
    moment: 'observed_at',
  },
  {
    view: 'sites',
    geometry: 'Point',
    name: 'Sites',
    about: 'Places seen in one or more images.',
    renderer: categorized(
      '"status"',
      SITE_CLASSES.map(({ status, label, colour }) => ({
        value: status,
        label,
        symbol: ring('square', colour, 4.6),
      })),
    ),
    mapTip: mapTip(`'Site ' || to_string("id") || ': ' || ${escaped('"status"')}`, [
      LOCATION,
      UNCERTAINTY,
      NEAR,
      KNOWN_OBJECT,
      { name: 'Best score', text: 'format_number("best_score", 2)' },
      { name: 'Found in', text: `to_string("sightings") || ' of ' || to_string("looks") || ' looks'` },
      { name: 'First seen', text: moment('"first_observed_at"') },
      { name: 'Last seen', text: moment('"last_observed_at"') },
      {
        name: 'Changed between',
        text: `${moment('"changed_after"')} || ' and ' || ${moment('"changed_before"')}`,
      },
    ]),
    actions: [],
    display: `'Site ' || to_string("id") || ' (' || "status" || ')'`,
  },
  {
    view: 'coverage',
    geometry: 'MultiPolygon',
    name: 'Images looked at',
    about: 'Ground that the current scans looked at: no detection here means looked and saw nothing.',
    renderer: graduated(age('"observed_at"'), ageRanges(50)),
    mapTip: mapTip(escaped('"product_id"'), [
      TAKEN,
      INCIDENCE,
      { name: 'Pixel', text: `format_number("resolution_m", 2) || ' m'` },
      { name: 'Tiles', text: `to_string("tiles_scored") || ' of ' || to_string("tiles") || ' scored'` },
      { name: 'Scanned', text: moment('"scanned_at"') },
    ]),
    actions: [],
    display: '"product_id"',
    moment: 'observed_at',
  },
  {
    view: 'coverage_cells',
    geometry: 'Polygon',
    name: 'Last seen',
    about: 'The Moon in cells of like area, and when each was last looked at.',
    renderer: graduated(age('"last_seen"'), ageRanges(110, 0)),
    mapTip: mapTip(`'Seen ' || to_string("times_seen") || if("times_seen" = 1, ' time', ' times')`, [
      { name: 'First seen', text: moment('"first_seen"') },
      { name: 'Last seen', text: moment('"last_seen"') },
      {
        name: 'By Sun',
        text: `to_string("times_seen_high_sun") || ' high, ' || to_string("times_seen_medium_sun") || ' medium, ' || to_string("times_seen_low_sun") || ' low'`,
      },
      { name: 'Best pixel', text: `format_number("best_resolution_m", 2) || ' m'` },
    ]),
    actions: [],
    display: `'Cell ' || to_string("id")`,
  },
  {
    view: 'known_objects',
    geometry: 'Point',
    name: 'Known objects',
    about: 'Human-made objects on the Moon whose place is known.',
    renderer: single(ring('diamond', KNOWN.colour, 3.6)),
    labeling: labeling({
      // From afar a mission's lander stands for all that lies around it.
      text: `if(${MOON_SCALE} > 3000000 AND "kind" = 'lander', coalesce("mission", "name"), "name")`,
      only:
        `${MOON_SCALE} <= 3000000 OR "kind" = 'lander'` +
        ` OR (${MOON_SCALE} <= 15000000 AND "kind" NOT IN ('instrument', 'reflector', 'rover'))`,
      size: 7.5,
      colour: KNOWN.colour,
      place: 'beside',
      distance: 2.6,
    }),
    mapTip: mapTip(escaped('"name"'), [
      { name: 'Kind', text: '"kind"' },
      { name: 'Mission', text: '"mission"' },
      LOCATION,
      UNCERTAINTY,
      { name: 'Arrived', text: `format_date("arrived_on", 'yyyy-MM-dd')` },
      { name: 'Source', text: '"source"' },
    ]),
    actions: [],
    display: '"name"',
  },
  {
    view: 'features',
    geometry: 'Point',
    name: 'Named features',
    about: 'Named features of the Moon (IAU/USGS gazetteer).',
    renderer: unseen(),
    labeling: labeling({
      text: '"name"',
      size: 8,
      sizeBy: `scale_linear(${ON_MAP_MM}, 8, 120, 7, 15)`,
      only: `${ON_MAP_MM} > 9 OR ${MOON_SCALE} < 300000`,
      priorityBy: `scale_linear(${ON_MAP_MM}, 0, 60, 0, 9)`,
      italic: true,
      place: 'over',
    }),
    mapTip: mapTip(escaped('"name"'), [
      { name: 'Type', text: '"type"' },
      { name: 'Diameter', text: `format_number("diameter_km", 1) || ' km'` },
    ]),
    actions: [],
    display: '"name"',
  },
];

/** @throws RangeError where the table has no such view */
export function viewStyle(view: string): ViewStyle {
  const found = VIEW_STYLES.find((style) => style.view === view);
  if (found === undefined) throw new RangeError(`There is no layer style for ${view}.`);
  return found;
}

/** The highest class first: a score on a bound belongs to the class that begins there. */
function scoreRanges(symbol: (colour: Colour, size: number) => Symbol): Range[] {
  return SCORE_CLASSES.map(({ from, label, colour, size }, i) => ({
    from,
    to: SCORE_CLASSES[i - 1]?.from ?? SCORE_END,
    label,
    symbol: symbol(colour, size),
  }));
}

/** Expression: days since a moment. */
function age(column: string): string {
  return `day(now() - ${column})`;
}

function ageRanges(alpha: number, edgeWidth?: number): Range[] {
  return AGE_CLASSES.map(({ days, label, colour }, i) => ({
    from: AGE_CLASSES[i - 1]?.days ?? -1_000_000,
    to: days,
    label,
    symbol: area(colour, alpha, edgeWidth),
  }));
}
