import type { ExportLayer, ExportRow } from './layer.js';
import { MOON_WKT_PLAIN } from './moon-crs.js';
import { aboutOf, type About, type Provenance } from './provenance.js';
import { writeText } from './text-file.js';

/**
 * RFC 7946 knows the Earth alone. `body` and its neighbours are foreign members that say otherwise to people and
 * programs of ours; `crs`, of the format's earlier version, says it to GDAL and QGIS, which else take the Earth.
 */
const CRS = { type: 'name', properties: { name: MOON_WKT_PLAIN } };

/** A FeatureCollection. */
export function writeGeoJson(path: string, layer: ExportLayer, provenance: Provenance): Promise<void> {
  return writeText(path, featureCollection(layer, provenance));
}

/** One Feature a line, each with body and credits of its own, as lines are what gets lost from one another. */
export function writeGeoJsonLines(path: string, layer: ExportLayer, provenance: Provenance): Promise<void> {
  return writeText(path, lines(layer, aboutOf(provenance)));
}

async function* featureCollection(layer: ExportLayer, provenance: Provenance): AsyncGenerator<string> {
  const head = JSON.stringify({
    type: 'FeatureCollection',
    name: layer.name,
    description: layer.description,
    ...aboutOf(provenance),
    crs: CRS,
  });
  yield `${head.slice(0, -1)},"features":[`;
  let separator = '\n';
  for await (const batch of layer.rows('geojson'))
    for (const row of batch) {
      yield `${separator}${feature(layer, row)}}`;
      separator = ',\n';
    }
  yield '\n]}\n';
}

async function* lines(
  layer: ExportLayer,
  { body, reference_system, credits }: About,
): AsyncGenerator<string> {
  const about = JSON.stringify({ body, reference_system, credits }).slice(1);
  for await (const batch of layer.rows('geojson'))
    for (const row of batch) yield `${feature(layer, row)},${about}\n`;
}

/** Without its closing brace. The geometry is GeoJSON text as it comes from the database. */
function feature({ key }: ExportLayer, { values, geometry }: ExportRow): string {
  const id = key === null ? '' : `"id":${JSON.stringify(values[key])},`;
  const shape = geometry === null ? 'null' : (geometry as string);
  return `{"type":"Feature",${id}"geometry":${shape},"properties":${JSON.stringify(values)}`;
}
