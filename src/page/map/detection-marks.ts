import Feature from 'ol/Feature.js';
import Point from 'ol/geom/Point.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';
import { Circle, Fill, RegularShape, Stroke, Style } from 'ol/style.js';
import { FINDS } from '../../domain/review.js';
import type { Mark } from '../../http/contract.js';
import { FIND_COLOUR, KNOWN_COLOUR, PASSED_COLOUR, scoreColour, scoreRadius } from '../colours.js';
import type { MoonMap } from './projections.js';

/**
 * Detections as points: discs by score, known objects as diamonds; what was reviewed has a rim where it is a find
 * and is pale where it is none. Each feature's id is the detection's.
 */
export function detectionsLayer(map: MoonMap) {
  const source = new VectorSource<Feature<Point>>({ wrapX: map.worldWidth > 0 });
  const layer = new VectorLayer({
    source,
    style: (feature) => {
      const { score, known, review } = feature.getProperties() as Pick<Mark, 'score' | 'known' | 'review'>;
      return markStyle(score, known, review);
    },
  });
  return {
    layer,
    show(marks: readonly Mark[]): void {
      source.clear(true);
      source.addFeatures(marks.flatMap((mark) => pointOf(map, mark)));
    },
    count: () => source.getFeatures().length,
  };
}

function pointOf(map: MoonMap, { id, lon, lat, score, known, review }: Mark): Feature<Point>[] {
  if (!map.shows(lat)) return [];
  const feature = new Feature(new Point(map.forward(lon, lat)));
  feature.setId(id);
  feature.setProperties({ score, known, review });
  return [feature];
}

const styles = new Map<string, Style>();

/** Styles are shared: a tenth of a point makes no difference to the eye. */
function markStyle(score: number, known: boolean, review: string | null): Style {
  const find = review !== null && FINDS.some((one) => one === review);
  const passed = review !== null && !find;
  const key = `${score.toFixed(1)} ${known} ${find} ${passed}`;
  const made = styles.get(key);
  if (made !== undefined) return made;
  const stroke = new Stroke(
    find ? { color: FIND_COLOUR, width: 2.4 } : { color: 'rgb(10 10 14 / 85%)', width: 1.3 },
  );
  const radius = passed ? 3 : scoreRadius(score);
  const colour = passed ? PASSED_COLOUR : known ? KNOWN_COLOUR : scoreColour(score);
  const fill = new Fill({ color: colour });
  const image =
    known && !passed
      ? new RegularShape({ points: 4, radius: radius + 2, fill, stroke })
      : new Circle({ radius, fill, stroke });
  const style = new Style({ image, zIndex: passed ? -1000 : score });
  styles.set(key, style);
  return style;
}
