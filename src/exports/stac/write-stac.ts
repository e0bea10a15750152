import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../../domain/errors.js';
import { isFileNamePart } from '../../domain/file-name-part.js';
import type { Bounds } from '../layer.js';
import { writeGeoJson } from '../geojson.js';
import { aboutOf, CREDIT, type Provenance } from '../provenance.js';
import { writeText } from '../text-file.js';
import { Extent } from './extent.js';
import { DETECTIONS_FILE, SOLAR_SYSTEM, STAC_VERSION, stacItem, THUMBNAIL_FILE } from './item.js';
import type { StacScene } from './scene.js';

/**
 * Writes a static, self-contained STAC catalogue: catalog.json, a collection of the model's scans, and a folder
 * for each item. All links within are relative and none says `self`, so that it can be put anywhere.
 *
 * @param folder that is not there
 */
export async function writeStac(
  folder: string,
  scenes: AsyncIterable<StacScene>,
  provenance: Provenance,
): Promise<void> {
  const { modelId } = provenance;
  const id = `selenoscan-${(modelId ?? 'all').replaceAll(/[^\w.-]/g, '-')}`;
  await mkdir(join(folder, id), { recursive: true });
  await writeText(join(folder, id, 'collection.json'), collection(join(folder, id), id, scenes, provenance));
  await writeFile(join(folder, 'catalog.json'), `${JSON.stringify(catalog(id, provenance), null, 2)}\n`);
}

function catalog(collectionId: string, provenance: Provenance): unknown {
  const about = aboutOf(provenance);
  return {
    type: 'Catalog',
    stac_version: STAC_VERSION,
    id: 'selenoscan',
    title: 'Selenoscan',
    description: `Scans of LROC NAC images of the Moon for anomalies. ${about.credits}. Coordinates: ${about.reference_system}, ${about.coordinates}.`,
    selenoscan: about,
    links: [
      { rel: 'root', href: './catalog.json', type: 'application/json' },
      { rel: 'child', href: `./${collectionId}/collection.json`, type: 'application/json' },
    ],
  };
}

/** Its links come first: what they cover together is known after the last of them. */
async function* collection(
  folder: string,
  id: string,
  scenes: AsyncIterable<StacScene>,
  provenance: Provenance,
): AsyncGenerator<string> {
  const head = JSON.stringify(collectionHead(id, provenance));
  yield `${head.slice(0, -1)},"links":[`;
  yield '\n{"rel":"root","href":"../catalog.json","type":"application/json"}';
  yield ',\n{"rel":"parent","href":"../catalog.json","type":"application/json"}';
  const extent = new Extent();
  for await (const scene of scenes) {
    await writeItem(folder, id, scene, provenance, extent);
    const name = encodeURIComponent(scene.productId);
    yield `,\n{"rel":"item","href":"./${name}/${name}.json","type":"application/geo+json"}`;
  }
  yield `\n],"extent":${JSON.stringify(extent)}}\n`;
}

async function writeItem(
  folder: string,
  collectionId: string,
  scene: StacScene,
  provenance: Provenance,
  extent: Extent,
): Promise<void> {
  if (!isFileNamePart(scene.productId))
    throw new OperationalError(
      'product_id',
      `The product "${scene.productId.slice(0, 120)}" has an id that no folder can have; leave it out by the filters.`,
    );
  const dir = join(folder, scene.productId);
  await mkdir(dir);
  const item = stacItem(scene, collectionId);
  extent.add(
    (item['bbox'] as Bounds | undefined) ?? null,
    scene.startTime,
    scene.stopTime ?? scene.startTime,
  );
  await writeGeoJson(join(dir, DETECTIONS_FILE), scene.detections, provenance);
  if (scene.thumbnail !== null) await writeFile(join(dir, THUMBNAIL_FILE), scene.thumbnail);
  await writeFile(join(dir, `${scene.productId}.json`), `${JSON.stringify(item, null, 2)}\n`);
}

function collectionHead(id: string, provenance: Provenance): unknown {
  const { modelId, codeVersion } = provenance;
  const about = aboutOf(provenance);
  return {
    type: 'Collection',
    stac_version: STAC_VERSION,
    stac_extensions: [SOLAR_SYSTEM],
    id,
    title: `Scans by the model ${modelId ?? ''}`.trim(),
    description: `LROC NAC images that the model ${modelId ?? ''} scanned for anomalies, each with what it found. ${about.credits}.`,
    keywords: ['Moon', 'LRO', 'LROC', 'NAC', 'anomalies'],
    // The images are NASA's and free to use with this credit.
    license: 'other',
    providers: [
      { name: CREDIT, roles: ['producer', 'licensor'], url: 'https://lroc.im-ldi.com/' },
      {
        name: 'Selenoscan',
        roles: ['processor'],
        description: `selenoscan ${codeVersion}, model ${modelId ?? ''}`,
      },
    ],
    'ssys:targets': ['Moon'],
    'ssys:target_class': 'satellite',
    selenoscan: about,
    item_assets: {
      image: { title: 'Image that was scanned', roles: ['data'] },
      detections: { title: 'Detections', type: 'application/geo+json', roles: ['data'] },
    },
    summaries: { platform: ['lro'], instruments: ['lroc-nac'], 'ssys:targets': ['Moon'] },
  };
}
