import { gaussianKernel } from './gaussian-kernel.js';
import type { PixelArea } from './pixel-area.js';
import { StripKernels } from './strip-kernels.js';

const FINE = { sigma: 0.8, radius: 3 };
/** Wide means are taken in cells of some pixels a side and drawn out linearly. */
const COARSE = { sigma: 4, cell: 2 };
const BACKGROUND = { sigma: 8, cell: 4 };
/** Half-width of their blur in cells: three standard deviations and more. */
const CELL_RADIUS = 6;

/** Lines above and below a pixel that its contrast depends on. */
export const CONTRAST_REACH = FINE.radius + (CELL_RADIUS + 1) * BACKGROUND.cell + BACKGROUND.cell - 1;

/** Weights of the blurs that contrast is made of. */
const WEIGHTS = [
  gaussianKernel(FINE.sigma, FINE.radius),
  gaussianKernel(cellSigma(COARSE), CELL_RADIUS),
  gaussianKernel(cellSigma(BACKGROUND), CELL_RADIUS),
];

/** Standard deviation in cells: averaging a cell and drawing it out bring their own variance, the kernel the rest. */
function cellSigma({ sigma, cell }: { sigma: number; cell: number }): number {
  const own = (cell ** 2 - 1) / 12 + cell ** 2 / 6;
  return Math.sqrt(sigma ** 2 - own) / cell;
}

/**
 * Local contrast of an area, with a margin that repeats its border so that neighbours need no checks. It lies in its
 * kernels' memory and holds until they work on another one.
 */
export interface ContrastField {
  readonly kernels: StripKernels;
  /** Where it begins in their memory, bytes. */
  readonly at: number;
  /** Value of pixel (x, y) of the area: `values[(y + margin) * stride + x + margin]`. */
  readonly values: Float32Array;
  readonly stride: number;
  readonly margin: number;
  readonly width: number;
  readonly lines: number;
}

/**
 * t = G0.8 * (DoG / max(G8 * x, 0.05)), DoG = G0.8 * x - G4 * x: how much brighter a place is than its
 * surroundings, as a share of their light. Pixels without a measurement weigh nothing (normalised
 * convolution), and where there is none around t is 0.
 *
 * Values within CONTRAST_REACH lines of the area's upper and lower edge are those of the image only where
 * that edge is the image's. Cells of the wide means lie on multiples of their side in image lines, so that the
 * result does not depend on where a strip begins.
 *
 * @param wanted lines of the area, half-open; those of others are undefined, as is the margin above or below where the
 * line beside it is not wanted
 * @throws OperationalError where there is no memory for it
 */
export function contrastField(
  area: PixelArea,
  margin: number,
  kernels = new StripKernels(),
  wanted = { from: 0, to: area.lines },
): ContrastField {
  const { width, lines } = area;
  const stride = width + 2 * margin;
  const at = kernels.contrast(area, WEIGHTS, margin, wanted);
  const values = kernels.floats(at, stride * (lines + 2 * margin));
  return { kernels, at, values, stride, margin, width, lines };
}
