import type { MoonSrid } from './crs.js';
import { spatialRefSys, webMercatorOfTheMoon } from './crs.js';
import type { XmlNode } from './xml.js';

/** A map service behind the layers, as configured. */
export interface Basemap {
  readonly name: string;
  readonly kind: 'wms' | 'wmts' | 'xyz';
  /** Address of the service; of tiles with {z}, {x} and {y}. */
  readonly url: string;
  /** Layer that a wms or wmts is asked for. */
  readonly layer?: string | undefined;
  /** Coordinate system that a wms is asked for, by the server's own name; many say EPSG:4326 for lunar degrees. */
  readonly crs?: string | undefined;
  /** What that system is on the Moon. */
  readonly srid?: MoonSrid | undefined;
  /** Tile matrix set of a wmts. */
  readonly matrix?: string | undefined;
  /** Deepest zoom of tiles. */
  readonly zoom?: number | undefined;
  readonly format?: string | undefined;
  readonly style?: string | undefined;
}

/** Source of the layer for QGIS's provider `wms`, which serves all three kinds. */
export function basemapUri(map: Basemap): string {
  const { kind, url, layer = '', crs = 'EPSG:4326', format = 'image/png', style = '' } = map;
  const parts: [string, string][] =
    kind === 'xyz'
      ? [
          ['type', 'xyz'],
          ['zmin', '0'],
          ['zmax', String(map.zoom ?? 10)],
        ]
      : [
          ['crs', crs],
          ['format', format],
          ['layers', layer],
          ['styles', style],
          ...(kind === 'wmts' ? [['tileMatrixSet', map.matrix ?? ''] as [string, string]] : []),
        ];
  return [...parts, ['url', url]].map(([key, value]) => `${key}=${encode(value ?? '')}`).join('&');
}

/** Where the service's map lies: on the Moon, whatever body the service names. */
export function basemapCrs({ kind, srid = 30100 }: Basemap): XmlNode {
  return kind === 'xyz' ? webMercatorOfTheMoon() : spatialRefSys(srid);
}

/** The parts of a source are split at & and =; the rest stays legible. */
function encode(text: string): string {
  return text.replace(/[%&=+#\s]/g, (character) => encodeURIComponent(character));
}
