import Feature from 'ol/Feature.js';
import Point from 'ol/geom/Point.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';
import { Fill, Stroke, Style, Text } from 'ol/style.js';
import type { NamedFeature } from '../../http/contract.js';
import type { MoonMap } from './projections.js';

const PLAINS = new Set(['mare', 'oceanus', 'lacus', 'sinus', 'palus']);
const RINGS = new Set(['crater', 'satellite feature']);

/** A name is shown when its feature is at least so many pixels wide; a ridge's or a valley's width is its length. */
function namedFrom(type: string): number {
  if (PLAINS.has(type)) return 18;
  return RINGS.has(type) ? 26 : 80;
}

/** Names of features that are wide enough on the map, the largest first where they would overlap. */
export function namesLayer(map: MoonMap) {
  const source = new VectorSource<Feature<Point>>({ wrapX: map.worldWidth > 0 });
  const layer = new VectorLayer({
    source,
    declutter: 'names',
    style: (feature, resolution) => {
      const { name, type, diameter_km: km } = feature.getProperties() as NamedFeature['properties'];
      const width = ((km ?? 0) * 1000) / resolution;
      if (width < namedFrom(type) || width > 6000) return undefined;
      const plain = PLAINS.has(type);
      const size = plain ? Math.min(17, 10 + width / 60) : Math.min(14, 10 + width / 120);
      return new Style({
        text: new Text({
          text: plain ? name.toUpperCase() : name,
          font: `${plain ? 'italic ' : ''}${size.toFixed(0)}px system-ui, sans-serif`,
          fill: new Fill({ color: plain ? '#8fa3c8' : '#c3c8d3' }),
          stroke: new Stroke({ color: 'rgb(12 13 17 / 75%)', width: 3 }),
          overflow: true,
        }),
        zIndex: km ?? 0,
      });
    },
  });
  const shown = new Set<number>();
  return {
    layer,
    add(features: readonly NamedFeature[]): void {
      const fresh = features.filter(
        ({ id, geometry }) => !shown.has(id) && map.shows(geometry.coordinates[1]),
      );
      for (const { id } of fresh) shown.add(id);
      source.addFeatures(
        fresh.map(({ geometry, properties }) => {
          const feature = new Feature(new Point(map.forward(...geometry.coordinates)));
          feature.setProperties(properties);
          return feature;
        }),
      );
    },
  };
}
