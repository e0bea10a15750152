import Layer from 'ol/layer/Layer.js';
import type { FrameState } from 'ol/Map.js';
import { normalLongitude } from '../sphere.js';
import type { MoonMap } from './projections.js';

const STEPS = [45, 30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
/** Pixels between lines at least. */
const SPACING = 110;
const FONT = '11px system-ui, sans-serif';

/** Lines of longitude and latitude with their degrees along the map's edges, drawn with every frame. */
export function graticuleLayer(map: MoonMap): Layer {
  const canvas = document.createElement('canvas');
  // The next layer would draw into a bare canvas.
  const holder = document.createElement('div');
  holder.className = 'graticule';
  holder.append(canvas);
  return new Layer({
    render(frame: FrameState) {
      const [width = 0, height = 0] = frame.size;
      canvas.width = width * frame.pixelRatio;
      canvas.height = height * frame.pixelRatio;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      const context = canvas.getContext('2d');
      if (context !== null) {
        context.scale(frame.pixelRatio, frame.pixelRatio);
        context.font = FONT;
        context.lineWidth = 0.7;
        context.strokeStyle = 'rgb(150 165 195 / 22%)';
        if (map.worldWidth > 0) drawCylindrical(context, map, frame, width, height);
        else drawPolar(context, map, frame, width, height);
      }
      return holder;
    },
  });
}

function drawCylindrical(
  context: CanvasRenderingContext2D,
  map: MoonMap,
  frame: FrameState,
  width: number,
  height: number,
): void {
  const { center, resolution } = frame.viewState;
  const metresPerDegree = map.worldWidth / 360;
  const [x0 = 0, y0 = 0] = center;
  const step = stepFor((SPACING * resolution) / metresPerDegree);
  const pixelX = (lon: number) => width / 2 + (lon * metresPerDegree - x0) / resolution;
  const pixelY = (lat: number) => height / 2 - (lat * metresPerDegree - y0) / resolution;
  const [top, bottom] = [Math.max(0, pixelY(90)), Math.min(height, pixelY(-90))];
  const west = (x0 - (width / 2) * resolution) / metresPerDegree;
  const east = (x0 + (width / 2) * resolution) / metresPerDegree;
  for (let i = Math.ceil(west / step); i * step <= east; i++) {
    const x = pixelX(i * step);
    line(context, [x, top], [x, bottom]);
    label(
      context,
      degrees(normalLongitude(i * step), step, 'E', 'W'),
      x,
      Math.min(bottom, height) - 8,
      'center',
    );
  }
  const south = (y0 - (height / 2) * resolution) / metresPerDegree;
  const north = (y0 + (height / 2) * resolution) / metresPerDegree;
  for (let i = Math.ceil(Math.max(south, -90) / step); i * step <= Math.min(north, 90); i++) {
    const y = pixelY(i * step);
    line(context, [0, y], [width, y]);
    if (y > 60 && y < height - 60) label(context, degrees(i * step, step, 'N', 'S'), 8, y - 5, 'left');
  }
}

function drawPolar(
  context: CanvasRenderingContext2D,
  map: MoonMap,
  frame: FrameState,
  width: number,
  height: number,
): void {
  const { center, resolution } = frame.viewState;
  const [x0 = 0, y0 = 0] = center;
  const pixel = ([x, y]: [number, number]): [number, number] => [
    width / 2 + (x - x0) / resolution,
    height / 2 - (y - y0) / resolution,
  ];
  const sign = map.kind === 'north' ? 1 : -1;
  const pole = pixel([0, 0]);
  const [centreLon, centreLat] = map.inverse(x0, y0);
  const [scale] = map.stretch(centreLat);
  const metresPerDegree = (1_737_400 * Math.PI * scale) / 180;
  const latStep = Math.min(stepFor((SPACING * resolution) / metresPerDegree), 15);
  const span = (Math.hypot(width, height) * resolution) / metresPerDegree / 2;
  const lowest = Math.max(Math.abs(centreLat) * Math.sign(centreLat * sign) - span - latStep, -14.9);
  for (let i = Math.ceil(lowest / latStep); i * latStep < 90; i++) {
    const lat = sign * i * latStep;
    const [x, y] = pixel(map.forward(Math.abs(centreLat) > 89.9 ? 45 : centreLon, lat));
    context.beginPath();
    context.arc(...pole, Math.hypot(x - pole[0], y - pole[1]), 0, 2 * Math.PI);
    context.stroke();
    label(context, degrees(lat, latStep, 'N', 'S'), x, y, 'center');
  }
  const lonStep = Math.min(stepFor(latStep / Math.max(Math.cos((centreLat * Math.PI) / 180), 0.01)), 30);
  for (let lon = -180; lon < 180; lon += lonStep) {
    const end = pixel(map.forward(lon, -sign * 14.9));
    line(context, pixel(map.forward(lon, sign * (lonStep < 10 ? 89 : 85))), end);
    const place = insideFrame(pole, end, width, height);
    if (place !== null) label(context, degrees(lon, lonStep, 'E', 'W'), ...place, 'center');
  }
}

/** Where a ray leaves the frame, a little inside; null where it never is inside. */
function insideFrame(
  [x1, y1]: [number, number],
  [x2, y2]: [number, number],
  width: number,
  height: number,
): [number, number] | null {
  for (let share = 1; share > 0; share -= 0.01) {
    const [x, y] = [x1 + share * (x2 - x1), y1 + share * (y2 - y1)];
    if (x > 24 && x < width - 24 && y > 60 && y < height - 16) return [x, y];
  }
  return null;
}

function stepFor(least: number): number {
  return [...STEPS].reverse().find((step) => step >= least) ?? 45;
}

/** e.g. `12.5° E`; decimals as the step needs them. */
export function degrees(value: number, step: number, plus: string, minus: string): string {
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const text = Math.abs(value).toFixed(decimals);
  const plain = Number(text) === 0 || (Number(text) === 180 && plus === 'E');
  return `${text}°${plain ? '' : ` ${value > 0 ? plus : minus}`}`;
}

function line(context: CanvasRenderingContext2D, from: [number, number], to: [number, number]): void {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

function label(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  align: CanvasTextAlign,
): void {
  context.textAlign = align;
  context.save();
  context.strokeStyle = 'rgb(12 13 17 / 80%)';
  context.lineWidth = 3;
  context.strokeText(text, x, y);
  context.fillStyle = '#9aa6bd';
  context.fillText(text, x, y);
  context.restore();
}
