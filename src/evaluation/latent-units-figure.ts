import type { Spec } from 'vega';
import { FIGURE_COLOURS } from '../figures/draw-figure.js';
import { short } from './figure-text.js';
import { LEAST_VARIANCE, type LatentUnit } from './latent-units.js';

/** More bars than this are too thin to be told apart; the rest is told in words. */
const MOST_BARS = 128;

/** How much of the code is in use: the divergence of each unit, largest first. */
export function latentUnitsFigure(units: readonly LatentUnit[], tiles: number): Spec {
  const shown = units.slice(0, MOST_BARS);
  const total = units.reduce((sum, { divergence }) => sum + divergence, 0);
  const used = units.filter(({ inUse }) => inUse).length;
  const rest = units.length > shown.length ? `; the first ${shown.length} are drawn` : '';
  return {
    width: 620,
    height: 240,
    padding: 18,
    title: {
      text: `Latent units: ${used} of ${units.length} in use`,
      subtitle: [
        `${short(total)} nats a tile in all, over ${tiles.toLocaleString('en-US')} tiles${rest}`,
        `in use: the variance of the unit's mean over the tiles is above ${LEAST_VARIANCE}`,
      ],
    },
    data: [{ name: 'units', values: shown.map((unit, rank) => ({ ...unit, rank: rank + 1 })) }],
    scales: [
      {
        name: 'x',
        type: 'band',
        domain: { data: 'units', field: 'rank' },
        range: 'width',
        padding: 0.15,
      },
      {
        name: 'y',
        type: 'linear',
        domain: [0, Math.max(0.1, ...shown.map(({ divergence }) => divergence))],
        range: 'height',
        nice: true,
      },
    ],
    axes: [
      {
        orient: 'bottom',
        scale: 'x',
        title: 'Units by divergence',
        values: shown.map((_, i) => i + 1).filter((rank) => rank === 1 || rank % 8 === 0),
      },
      { orient: 'left', scale: 'y', title: 'Divergence, nats a tile', grid: true, tickCount: 5 },
    ],
    marks: [
      {
        type: 'rect',
        from: { data: 'units' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'rank' },
            width: { scale: 'x', band: 1 },
            y: { scale: 'y', field: 'divergence' },
            y2: { scale: 'y', value: 0 },
            fill: {
              signal: `datum.inUse ? '${FIGURE_COLOURS.positive}' : '${FIGURE_COLOURS.all}'`,
            },
          },
        },
      },
    ],
  };
}
