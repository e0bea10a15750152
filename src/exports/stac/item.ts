import { extname } from 'node:path';
import { lonLatBbox } from './lon-lat-bbox.js';
import { multihash } from './multihash.js';
import type { StacScene } from './scene.js';

/** Version of the core; of the extensions those whose fields are written. */
export const STAC_VERSION = '1.1.0';
export const SOLAR_SYSTEM = 'https://stac-extensions.github.io/ssys/v1.1.1/schema.json';
const VIEW = 'https://stac-extensions.github.io/view/v1.0.0/schema.json';
const FILE = 'https://stac-extensions.github.io/file/v2.1.0/schema.json';
const PROJECTION = 'https://stac-extensions.github.io/projection/v2.0.0/schema.json';
const PROCESSING = 'https://stac-extensions.github.io/processing/v1.2.0/schema.json';

export const DETECTIONS_FILE = 'detections.geojson';
export const THUMBNAIL_FILE = 'thumbnail.png';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.png': 'image/png',
  '.img': 'application/octet-stream',
};

type Json = Record<string, unknown>;

/**
 * The item of a scan. The extensions' words are the Earth's: there `incidence_angle` is the camera's angle from
 * the zenith, which planetary science calls emission, and its incidence is the complement of `sun_elevation`.
 */
export function stacItem(scene: StacScene, collection: string): Json {
  const bbox = scene.geometry === null ? null : lonLatBbox(scene.geometry);
  const view = present({
    'view:off_nadir': scene.offNadirDeg,
    'view:incidence_angle': scene.emissionDeg,
    'view:sun_azimuth': scene.sunAzimuthDeg,
    'view:sun_elevation': scene.incidenceDeg === null ? null : 90 - scene.incidenceDeg,
  });
  return {
    type: 'Feature',
    stac_version: STAC_VERSION,
    // The view extension wants one of its fields at least.
    stac_extensions: [
      SOLAR_SYSTEM,
      ...(Object.keys(view).length > 0 ? [VIEW] : []),
      FILE,
      PROJECTION,
      PROCESSING,
    ],
    id: scene.productId,
    geometry: scene.geometry,
    ...(bbox === null ? {} : { bbox }),
    properties: { ...properties(scene), ...view },
    collection,
    links: links(scene),
    assets: assets(scene),
  };
}

function properties(scene: StacScene): Json {
  return {
    datetime: scene.startTime.toISOString(),
    ...(scene.stopTime === null
      ? {}
      : { start_datetime: scene.startTime.toISOString(), end_datetime: scene.stopTime.toISOString() }),
    updated: scene.scannedAt.toISOString(),
    platform: 'lro',
    instruments: ['lroc-nac'],
    'ssys:targets': ['Moon'],
    'ssys:target_class': 'satellite',
    'processing:software': { selenoscan: scene.codeVersion },
    ...present({
      gsd: scene.resolutionM,
      'selenoscan:model': scene.modelId,
      'selenoscan:config_hash': scene.configHash,
      'selenoscan:engine': scene.engine,
      'selenoscan:device': scene.device,
      'selenoscan:ground_model': scene.groundModel,
      'selenoscan:tiles': scene.tiles,
      'selenoscan:tiles_scored': scene.tilesScored,
      'selenoscan:detections': scene.detections.count,
      'selenoscan:phase_deg': scene.phaseDeg,
      'selenoscan:image_id': scene.imageId,
      'selenoscan:product_version': scene.productVersion,
      'selenoscan:orbit': scene.orbit,
      'selenoscan:frame': scene.frame,
      'selenoscan:data_set': scene.dataSetId,
      'selenoscan:volume': scene.volumeId,
    }),
  };
}

function links({ productUrl }: StacScene): Json[] {
  return [
    { rel: 'root', href: '../../catalog.json', type: 'application/json' },
    { rel: 'parent', href: '../collection.json', type: 'application/json' },
    { rel: 'collection', href: '../collection.json', type: 'application/json' },
    ...(productUrl === null ? [] : [{ rel: 'via', href: productUrl, type: 'text/html', title: 'Archive' }]),
  ];
}

function assets(scene: StacScene): Json {
  return {
    ...(scene.sourceUrl === null ? {} : { image: imageAsset(scene, scene.sourceUrl) }),
    detections: {
      href: `./${DETECTIONS_FILE}`,
      type: 'application/geo+json',
      title: 'Detections',
      roles: ['data'],
    },
    ...(scene.thumbnail === null
      ? {}
      : {
          thumbnail: {
            href: `./${THUMBNAIL_FILE}`,
            type: 'image/png',
            title: 'The best detection',
            roles: ['thumbnail'],
          },
        }),
  };
}

/** The image is in the camera's own geometry: it has a shape, and no reference system. */
function imageAsset({ lines, samples, sourceChecksum, sourceBytes }: StacScene, url: string): Json {
  return {
    href: url,
    type: MEDIA_TYPES[extname(url).toLowerCase()] ?? 'application/octet-stream',
    title: 'Image that was scanned',
    roles: ['data'],
    'proj:code': null,
    ...(lines === null || samples === null ? {} : { 'proj:shape': [lines, samples] }),
    ...present({
      'file:size': sourceBytes,
      'file:checksum': sourceChecksum === null ? null : (multihash(sourceChecksum) ?? null),
    }),
  };
}

function present(values: Json): Json {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
