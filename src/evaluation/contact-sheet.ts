import { FIGURE_COLOURS, FONT } from '../figures/draw-figure.js';

/** One small picture with what is written below it. */
export interface SheetCell {
  readonly png: Uint8Array;
  readonly lines: readonly string[];
  /** Drawn around the picture. */
  readonly framed?: boolean;
}

/** Small pictures in rows; a row may have a name at its left. */
export interface Sheet {
  readonly title: string;
  readonly subtitle: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly SheetCell[] }[];
  /** Side of a picture on the sheet. */
  readonly side: number;
}

const MARGIN = 18;
const GAP = 8;
const LINE = 13;
const CAPTION_SIZE = 10;
const NAME_WIDTH = 7;

/** The sheet as an SVG that holds its pictures; enlarged pixels stay squares. */
export function contactSheet({ title, subtitle, rows, side }: Sheet): string {
  const left = MARGIN + NAME_WIDTH * Math.max(0, ...rows.map(({ name }) => name.length));
  const columns = Math.max(1, ...rows.map(({ cells }) => cells.length));
  let y = MARGIN + 14;
  const parts = [text(MARGIN, y, title, { size: 14, weight: 600 })];
  for (const line of subtitle)
    parts.push(text(MARGIN, (y += 17), line, { size: 11.5, colour: FIGURE_COLOURS.faint }));
  y += 12;
  for (const { name, cells } of rows) {
    if (name !== '') parts.push(text(MARGIN, y + side / 2 + 4, name, { size: 11 }));
    cells.forEach((cell, column) => parts.push(draw(cell, left + column * (side + GAP), y, side)));
    y += side + GAP + LINE * Math.max(0, ...cells.map(({ lines }) => lines.length));
  }
  const titleWidth = 7.4 * Math.max(title.length, ...subtitle.map((line) => 0.8 * line.length));
  const width = Math.ceil(Math.max(left + columns * (side + GAP) - GAP, MARGIN + titleWidth) + MARGIN);
  const height = Math.ceil(y - GAP + MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function draw({ png, lines, framed = false }: SheetCell, x: number, y: number, side: number): string {
  const data = Buffer.from(png).toString('base64');
  const frame = framed
    ? `<rect x="${x - 1}" y="${y - 1}" width="${side + 2}" height="${side + 2}" fill="none" stroke="${FIGURE_COLOURS.positive}" stroke-width="2"/>`
    : '';
  const captions = lines.map((line, i) =>
    text(x, y + side + (i + 1) * LINE - 1, line, { size: CAPTION_SIZE }),
  );
  return `<image x="${x}" y="${y}" width="${side}" height="${side}" image-rendering="optimizeSpeed" xlink:href="data:image/png;base64,${data}"/>${frame}${captions.join('')}`;
}

function text(
  x: number,
  y: number,
  content: string,
  { size, weight = 400, colour = FIGURE_COLOURS.ink }: { size: number; weight?: number; colour?: string },
): string {
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${colour}">${escaped(content)}</text>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escaped(content: string): string {
  return content.replaceAll(/[&<>]/g, (sign) => ENTITIES[sign]!);
}
