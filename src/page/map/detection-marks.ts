import Feature from 'ol/Feature.js';
import Point from 'ol/geom/Point.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';
import { Circle, Fill, RegularShape, Stroke, Style } from 'ol/style.js';
import { KNOWN_COLOUR, scoreColour, scoreRadius } from '../colours.js';
import type { DetectionFeature } from '../../http/contract.js';
import type { MoonMap } from './projections.js';

/** Detections as points: discs by score, known objects as diamonds. Each feature's id is the detection's. */
export function detectionsLayer(map: MoonMap) {
  const source = new VectorSource<Feature<Point>>({ wrapX: map.worldWidth > 0 });
  const layer = new VectorLayer({
    source,
    style: (feature) => {
      const { score, known } = feature.getProperties() as { score: number; known: boolean };
      return markStyle(score, known);
    },
  });
  return {
    layer,
    show(detections: readonly DetectionFeature[]): void {
      source.clear(true);
      source.addFeatures(detections.flatMap((detection) => mark(map, detection)));
    },
    count: () => source.getFeatures().length,
  };
}

function mark(map: MoonMap, { id, geometry, properties }: DetectionFeature): Feature<Point>[] {
  if (geometry === null || !map.shows(geometry.coordinates[1])) return [];
  const feature = new Feature(new Point(map.forward(...geometry.coordinates)));
  feature.setId(id);
  feature.setProperties({ score: properties.score, known: properties.known_object !== null });
  return [feature];
}

const styles = new Map<string, Style>();

/** Styles are shared: a hundredth of a point makes no difference to the eye. */
function markStyle(score: number, known: boolean): Style {
  const key = `${score.toFixed(1)} ${known}`;
  const made = styles.get(key);
  if (made !== undefined) return made;
  const stroke = new Stroke({ color: 'rgb(10 10 14 / 85%)', width: 1.3 });
  const radius = scoreRadius(score);
  const image = known
    ? new RegularShape({ points: 4, radius: radius + 2, fill: new Fill({ color: KNOWN_COLOUR }), stroke })
    : new Circle({ radius, fill: new Fill({ color: scoreColour(score) }), stroke });
  const style = new Style({ image, zIndex: score });
  styles.set(key, style);
  return style;
}
