import type { Sheet, SheetCell } from './contact-sheet.js';
import { short } from './figure-text.js';
import { greyPicture, residualPicture, RESIDUAL_FULL_SCALE } from './tile-picture.js';

/** A tile as it is shown. */
export interface ShownTile {
  /** File name of its image. */
  readonly file: string;
  /** Upper-left pixel. */
  readonly x: number;
  readonly y: number;
  /** Null where it was not scored. */
  readonly score: number | null;
  /** What the model saw, 0..1, row by row. */
  readonly values: Float32Array;
  /** 1 = real data. */
  readonly valid: Uint8Array;
}

/** Sides of pictures; drawn twice as large, a pixel of a tile is a whole number of the sheet's. */
const SIDE = { reconstruction: 96, walk: 64, top: 96, traversal: 64 } as const;
const TOP_COLUMNS = 8;
/** Characters of a file name that fit below a picture. */
const NAME_LENGTH = 15;

/**
 * Tiles beside what the model makes of them, the left half of the paper's Figure 3: reconstruction from the mean
 * of the code, its error with its sign, and reconstructions from draws of the code.
 *
 * @param reconstructions of each tile, 0..1 @param draws the same for one draw of all codes each
 * @param named how many of the tiles, from the first, were asked for or rank high; they are framed
 */
export async function reconstructionSheet(
  tiles: readonly ShownTile[],
  reconstructions: readonly Float32Array[],
  draws: readonly (readonly Float32Array[])[],
  named: number,
): Promise<Sheet> {
  const size = sizeOf(tiles);
  const residuals = tiles.map((tile, i) => residualOf(tile, reconstructions[i]!));
  const greyRow = async (name: string, pictures: readonly Float32Array[]) => ({
    name,
    cells: await Promise.all(pictures.map(async (values) => bare(await greyPicture(values, size)))),
  });
  return {
    title: 'Tiles and their reconstructions',
    subtitle: [
      `reconstructed from the mean of the code; error: red where the tile is brighter, blue where it is darker, full colour at ${RESIDUAL_FULL_SCALE} of the full scale`,
      'drawn: reconstructed from a random draw of the code, as in training; framed tiles are chosen ones, the others random',
    ],
    side: SIDE.reconstruction,
    rows: [
      {
        name: 'tile',
        cells: await Promise.all(
          tiles.map(async (tile, i) => ({
            png: await greyPicture(tile.values, size),
            lines: placeLines(tile),
            framed: i < named,
          })),
        ),
      },
      await greyRow('reconstruction', reconstructions),
      {
        name: 'error',
        cells: await Promise.all(
          residuals.map(async (residual) => ({
            png: await residualPicture(residual, size),
            lines: [`rms ${short(rmsOf(residual))}`],
          })),
        ),
      },
      ...(await Promise.all(draws.map((draw, i) => greyRow(`drawn ${i + 1}`, draw)))),
    ],
  };
}

/**
 * A walk along a straight line through latent space, read row by row from the upper left to the lower right, the
 * right half of the paper's Figure 3.
 *
 * @param steps pictures in order, `side * side` of them
 */
export async function walkSheet(
  [from, to]: readonly [ShownTile, ShownTile],
  steps: readonly Float32Array[],
  side: number,
): Promise<Sheet> {
  const size = sizeOf([from]);
  const cells = await Promise.all(steps.map(async (values) => bare(await greyPicture(values, size))));
  const end = async (name: string, tile: ShownTile) => ({
    png: await greyPicture(tile.values, size),
    lines: [name, ...placeLines(tile).slice(0, 2)],
    framed: true,
  });
  return {
    title: 'A walk through latent space',
    subtitle: [
      'row by row from the upper left to the lower right, in equal steps between the codes of two tiles',
    ],
    side: SIDE.walk,
    rows: [
      { name: '', cells: [await end('from', from), await end('to', to)] },
      ...Array.from({ length: side }, (_, row) => ({
        name: '',
        cells: cells.slice(row * side, (row + 1) * side),
      })),
    ],
  };
}

/** The tiles of highest score, best first. */
export async function topSheet(name: string, tiles: readonly ShownTile[]): Promise<Sheet> {
  const size = sizeOf(tiles);
  const cells = await Promise.all(
    tiles.map(async (tile, i) => {
      const [file, place] = placeLines(tile);
      return {
        png: await greyPicture(tile.values, size),
        lines: [`${i + 1}. ${short(tile.score ?? NaN)}`, file!, place!],
      };
    }),
  );
  return {
    title: `The most anomalous tiles by the score ${name}`,
    subtitle: ['rank and score, image, upper-left pixel; no two of them overlap'],
    side: SIDE.top,
    rows: Array.from({ length: Math.ceil(cells.length / TOP_COLUMNS) }, (_, row) => ({
      name: '',
      cells: cells.slice(row * TOP_COLUMNS, (row + 1) * TOP_COLUMNS),
    })),
  };
}

/** What single units of the code do: one row a unit, one column a value, all else as in the base tile. */
export async function traversalSheet(
  base: ShownTile,
  values: readonly number[],
  rows: readonly { readonly unit: number; readonly pictures: readonly Float32Array[] }[],
): Promise<Sheet> {
  const size = sizeOf([base]);
  return {
    title: 'What the units of the code do',
    subtitle: [
      `one unit a row, most used first, set to ${values.join(', ')}; the others as in the tile of ${base.file} at ${base.x}, ${base.y}`,
    ],
    side: SIDE.traversal,
    rows: await Promise.all(
      rows.map(async ({ unit, pictures }, row) => ({
        name: `unit ${unit}`,
        cells: await Promise.all(
          pictures.map(async (picture, i): Promise<SheetCell> => ({
            png: await greyPicture(picture, size),
            lines: row === rows.length - 1 ? [String(values[i])] : [],
          })),
        ),
      })),
    ),
  };
}

/** x - decode(z); NaN where there is no data. */
export function residualOf({ values, valid }: ShownTile, reconstruction: Float32Array): Float32Array {
  return values.map((value, i) => (valid[i] === 1 ? value - reconstruction[i]! : NaN));
}

/** Root mean square of what is not NaN. */
export function rmsOf(residual: Float32Array): number {
  const known = residual.filter((value) => !Number.isNaN(value));
  return Math.sqrt(known.reduce((sum, value) => sum + value ** 2, 0) / Math.max(known.length, 1));
}

function sizeOf(tiles: readonly ShownTile[]): number {
  return Math.sqrt(tiles[0]?.values.length ?? 0);
}

function bare(png: Uint8Array): SheetCell {
  return { png, lines: [] };
}

function placeLines({ file, x, y, score }: ShownTile): string[] {
  const name = file.length > NAME_LENGTH ? `${file.slice(0, NAME_LENGTH - 1)}…` : file;
  return [name, `${x}, ${y}`, ...(score === null ? [] : [`score ${short(score)}`])];
}
