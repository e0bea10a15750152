import Feature from 'ol/Feature.js';
import MultiPolygon from 'ol/geom/MultiPolygon.js';
import Point from 'ol/geom/Point.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';
import { Circle, Fill, Stroke, Style, Text } from 'ol/style.js';
import type { CoverageFeature } from '../../http/contract.js';
import { centreOf } from '../sphere.js';
import type { MoonMap } from './projections.js';

/** Footprints narrower than this are shown as a ring with the image's name, as they would be a speck. */
const SPECK_PX = 14;

/** Ground that was looked at; each feature carries `productId`. */
export function footprintsLayer(map: MoonMap) {
  const source = new VectorSource({ wrapX: map.worldWidth > 0 });
  const outline = new Style({
    stroke: new Stroke({ color: 'rgb(120 180 255 / 75%)', width: 1.2 }),
    fill: new Fill({ color: 'rgb(120 180 255 / 7%)' }),
  });
  const layer = new VectorLayer({
    source,
    declutter: 'footprints',
    style: (feature, resolution) => {
      const { sizeM, productId, detections, score } = feature.getProperties() as Mark;
      const speck = sizeM / resolution < SPECK_PX;
      if (feature.getGeometry() instanceof MultiPolygon) return outline;
      if (!speck) return undefined;
      return new Style({
        image: new Circle({
          radius: 13,
          stroke: new Stroke({ color: 'rgb(120 180 255 / 85%)', width: 1.4 }),
          declutterMode: 'none',
        }),
        text: new Text({
          text: `${productId} · ${detections}`,
          font: '600 11px system-ui, sans-serif',
          offsetX: 19,
          textAlign: 'left',
          fill: new Fill({ color: '#a9ceff' }),
          stroke: new Stroke({ color: 'rgb(12 13 17 / 85%)', width: 3.5 }),
        }),
        zIndex: score,
      });
    },
  });
  return {
    layer,
    show(coverage: readonly CoverageFeature[]): void {
      source.clear(true);
      source.addFeatures(coverage.flatMap((scan) => marks(map, scan)));
    },
  };
}

interface Mark {
  readonly sizeM: number;
  readonly productId: string;
  readonly detections: number;
  readonly score: number;
}

function marks(map: MoonMap, scan: CoverageFeature): Feature[] {
  const { geometry, properties } = scan;
  if (geometry === null) return [];
  const places = geometry.coordinates.flat(2) as [number, number][];
  if (!places.some(([, lat]) => map.shows(lat))) return [];
  const shape = new MultiPolygon(
    geometry.coordinates.map((polygon) =>
      polygon.map((ring) => ring.map(([lon = 0, lat = 0]) => borderForward(map, lon, lat))),
    ),
  );
  const [lon, lat] = centreOf(places);
  const centre = new Point(map.forward(lon, lat));
  const latitudes = places.map((place) => place[1]);
  const mark: Mark = {
    sizeM: ((Math.max(...latitudes) - Math.min(...latitudes)) / 360) * 2 * Math.PI * 1_737_400,
    productId: properties.product_id,
    detections: properties.detections,
    score: properties.detections,
  };
  return [shape, centre].map((part) => {
    const feature = new Feature(part);
    feature.setProperties(mark);
    return feature;
  });
}

/** A border at 180 is not one at -180: the polygon was cut there. */
function borderForward(map: MoonMap, lon: number, lat: number): [number, number] {
  if (lon < 180) return map.forward(lon, lat);
  const [x, y] = map.forward(-180, lat);
  return [x + map.worldWidth, y];
}
