export * from '../figures/draw-figure.js';
