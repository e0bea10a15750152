import ImageLayer from 'ol/layer/Image.js';
import ImageCanvas from 'ol/source/ImageCanvas.js';
import type { NamedFeature } from '../../http/contract.js';
import { groundCircle } from '../sphere.js';
import type { MoonMap } from './projections.js';

/** Where to paint: map metres of the upper-left corner, and map metres per canvas pixel. */
interface Frame {
  readonly west: number;
  readonly north: number;
  readonly metresPerPixel: number;
  readonly width: number;
  readonly height: number;
}

const DARK_PLAINS = new Set(['mare', 'oceanus', 'lacus', 'sinus', 'palus']);
const RINGS = new Set(['crater', 'satellite feature']);
/** Craters wider than this, or near a pole of the cylindrical map, are no ellipse. */
const WIDE_KM = 250;
const STEEP_DEG = 78;

/** The ground as the gazetteer tells it: dark plains as soft discs, craters as bowls lit from the west. */
export function groundLayer(map: MoonMap, features: () => readonly NamedFeature[]) {
  const source = new ImageCanvas({
    projection: map.projection,
    ratio: 1.4,
    canvasFunction: (extent, resolution, pixelRatio, size) => {
      const canvas = document.createElement('canvas');
      [canvas.width = 1, canvas.height = 1] = size.map(Math.round);
      const context = canvas.getContext('2d');
      if (context !== null)
        paint(context, map, features(), {
          west: extent[0] ?? 0,
          north: extent[3] ?? 0,
          metresPerPixel: resolution / pixelRatio,
          width: canvas.width,
          height: canvas.height,
        });
      return canvas;
    },
  });
  return { layer: new ImageLayer({ source }), redraw: () => source.changed() };
}

function paint(
  context: CanvasRenderingContext2D,
  map: MoonMap,
  features: readonly NamedFeature[],
  frame: Frame,
): void {
  paintDisc(context, map, frame);
  for (const feature of features) {
    const { type, diameter_km: km } = feature.properties;
    if (km === null) continue;
    if (DARK_PLAINS.has(type)) eachCopy(context, map, feature, km, frame, 0.8, paintPlain);
  }
  for (const feature of features) {
    const { type, diameter_km: km } = feature.properties;
    if (km !== null && RINGS.has(type)) eachCopy(context, map, feature, km, frame, 1, paintCrater);
  }
}

/** The Moon's own ground, over the black of space. */
function paintDisc(context: CanvasRenderingContext2D, map: MoonMap, frame: Frame): void {
  const [west, south, east, north] = map.extent;
  const pixel = (x: number, y: number): [number, number] => toPixel(frame, x, y);
  context.fillStyle = '#34363d';
  if (map.worldWidth > 0) {
    const [, top] = pixel(0, north);
    const [, bottom] = pixel(0, south);
    context.fillRect(0, top, frame.width, bottom - top);
  } else {
    context.beginPath();
    context.arc(
      ...pixel((west + east) / 2, (south + north) / 2),
      (east - west) / 2 / frame.metresPerPixel,
      0,
      2 * Math.PI,
    );
    context.fill();
  }
}

interface Shape {
  readonly x: number;
  readonly y: number;
  /** Half widths in pixels. */
  readonly rx: number;
  readonly ry: number;
  /** Adds the outline to the current path. */
  readonly trace: () => void;
}

/** Paints a feature wherever the frame shows it: a repeating map may show it twice. */
function eachCopy(
  context: CanvasRenderingContext2D,
  map: MoonMap,
  feature: NamedFeature,
  km: number,
  frame: Frame,
  share: number,
  draw: (context: CanvasRenderingContext2D, shape: Shape) => void,
): void {
  const [lon, lat] = feature.geometry.coordinates;
  if (!map.shows(lat)) return;
  const radius = km * 500 * share;
  const [across, along] = map.stretch(lat);
  const [rx, ry] = [(radius * across) / frame.metresPerPixel, (radius * along) / frame.metresPerPixel];
  if (ry < 0.8) return;
  const exact = km > WIDE_KM || (map.worldWidth > 0 && Math.abs(lat) > STEEP_DEG);
  const [centreX, centreY] = map.forward(lon, lat);
  for (const shift of map.worldWidth > 0 ? [-map.worldWidth, 0, map.worldWidth] : [0]) {
    const [x, y] = toPixel(frame, centreX + shift, centreY);
    const reach = exact ? Math.max(rx, ry) * 1.5 : Math.max(rx, ry);
    if (x + reach < 0 || y + reach < 0 || x - reach > frame.width || y - reach > frame.height) continue;
    const trace = exact
      ? () => {
          for (const [ringLon, ringLat] of groundCircle(lon, lat, radius, 96)) {
            const [ringX, ringY] = map.forward(ringLon, ringLat);
            context.lineTo(...toPixel(frame, ringX + shift, ringY));
          }
          context.closePath();
        }
      : () => context.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
    draw(context, { x, y, rx: Math.min(rx, 4 * ry), ry, trace });
  }
}

function paintPlain(context: CanvasRenderingContext2D, { x, y, rx, ry, trace }: Shape): void {
  const shade = context.createRadialGradient(0, 0, 0, 0, 0, 1);
  shade.addColorStop(0, 'rgb(13 15 21 / 68%)');
  shade.addColorStop(0.6, 'rgb(13 15 21 / 48%)');
  shade.addColorStop(1, 'rgb(13 15 21 / 0%)');
  context.save();
  context.beginPath();
  trace();
  context.clip();
  context.translate(x, y);
  context.scale(rx, ry);
  context.fillStyle = shade;
  context.fillRect(-2, -2, 4, 4);
  context.restore();
}

function paintCrater(context: CanvasRenderingContext2D, { x, rx, ry, trace }: Shape): void {
  context.beginPath();
  trace();
  if (ry > 2) {
    // Lit from the west: the western wall lies in shadow, the eastern one shines.
    const shade = context.createLinearGradient(x - rx, 0, x + rx, 0);
    shade.addColorStop(0, 'rgb(0 0 0 / 50%)');
    shade.addColorStop(0.45, 'rgb(0 0 0 / 14%)');
    shade.addColorStop(0.75, 'rgb(190 196 210 / 5%)');
    shade.addColorStop(1, 'rgb(205 210 222 / 26%)');
    context.fillStyle = shade;
    context.fill();
  }
  const strength = Math.min(0.5, 0.12 + ry / 60);
  context.strokeStyle = `rgb(186 193 208 / ${(100 * (ry > 60 ? 0.35 : strength)).toFixed(0)}%)`;
  context.lineWidth = ry > 12 ? 1.2 : 0.7;
  context.stroke();
}

function toPixel(frame: Frame, x: number, y: number): [number, number] {
  return [(x - frame.west) / frame.metresPerPixel, (frame.north - y) / frame.metresPerPixel];
}
