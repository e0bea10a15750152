import Feature from 'ol/Feature.js';
import MultiPolygon from 'ol/geom/MultiPolygon.js';
import Point from 'ol/geom/Point.js';
import Polygon from 'ol/geom/Polygon.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';
import { Circle, Fill, Stroke, Style } from 'ol/style.js';
import type { DetectionDetail, DetectionFeature } from '../../http/contract.js';
import { scoreRadius } from '../colours.js';
import { groundCircle } from '../sphere.js';
import type { MoonMap } from './projections.js';

/** The selected detection: a ring around its mark, its uncertainty at true ground size and its outline. */
export function selectionLayer(map: MoonMap) {
  const source = new VectorSource({ wrapX: map.worldWidth > 0 });
  return {
    layer: new VectorLayer({ source }),
    show(detection: DetectionFeature | null, outline: DetectionDetail['outline'] = null): void {
      source.clear(true);
      const place = detection?.geometry?.coordinates;
      if (detection === null || place === undefined || !map.shows(place[1])) return;
      const { uncertainty_m: uncertainty, score } = detection.properties;
      if (uncertainty !== null) source.addFeature(styled(circle(map, place, uncertainty), CIRCLE));
      if (outline !== null) {
        const shape = outline.coordinates.map((polygon) =>
          polygon.map((ring) => ring.map(([lon = 0, lat = 0]) => map.forward(lon, lat))),
        );
        source.addFeature(styled(new MultiPolygon(shape), OUTLINE));
      }
      const halo = new Style({
        image: new Circle({
          radius: scoreRadius(score) + 5,
          stroke: new Stroke({ color: '#ffffff', width: 2 }),
        }),
      });
      source.addFeature(styled(new Point(map.forward(...place)), halo));
    },
  };
}

const CIRCLE = new Style({
  stroke: new Stroke({ color: 'rgb(255 255 255 / 85%)', width: 1.4, lineDash: [6, 5] }),
  fill: new Fill({ color: 'rgb(255 255 255 / 5%)' }),
});
const OUTLINE = new Style({ stroke: new Stroke({ color: '#ffdd66', width: 1.5 }) });

/** Ring of the uncertainty's radius along the ground. */
export function circle(map: MoonMap, [lon, lat]: readonly [number, number], radiusM: number): Polygon {
  return new Polygon([groundCircle(lon, lat, radiusM).map((place) => map.forward(...place))]);
}

function styled(geometry: Point | Polygon | MultiPolygon, style: Style): Feature {
  const feature = new Feature(geometry);
  feature.setStyle(style);
  return feature;
}
