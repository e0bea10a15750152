import type { DetectionList } from './detection-list.js';
import type { MapPane } from './map-pane.js';
import type { Detail } from './panel/detail.js';
import type { Filters } from './panel/filters.js';
import type { ChipGrid } from './panel/grid.js';
import type { Help } from './panel/help.js';
import type { Judging } from './review/judging.js';
import type { Wish } from './review/keys.js';
import type { Selection } from './selection.js';

/** What keys act on. */
export interface Granting {
  readonly list: DetectionList;
  readonly selection: Selection;
  readonly judging: Judging;
  readonly detail: Detail;
  readonly grid: ChipGrid;
  readonly map: MapPane;
  readonly filters: Filters;
  readonly help: Help;
  /** Asks anew in the order that is chosen. */
  readonly restart: () => void;
}

/** Does what a key asks for. @returns whether there was something to do */
export function grant(wish: Wish, parts: Granting): boolean {
  const { selection, judging, detail, grid, map, filters, help } = parts;
  switch (wish.kind) {
    case 'verdict':
      void judging.judge(wish.verdict);
      return selection.id !== null;
    case 'step':
      return step(wish, parts);
    case 'unreviewed':
      judging.next();
      return true;
    case 'note':
      detail.openNote();
      return selection.id !== null;
    case 'undo':
      void judging.undo();
      return true;
    case 'close-up':
      selection.closeUp();
      return selection.id !== null;
    case 'close':
      if (document.activeElement === document.body || document.activeElement?.id === 'grid')
        selection.select(null);
      grid.focus();
      return true;
    case 'map':
      map.focus();
      return true;
    case 'grid':
      grid.focus();
      return true;
    case 'filters':
      filters.focus();
      return true;
    case 'order':
      if (filters.switchOrder()) parts.restart();
      return true;
    case 'help':
      help.open();
      return true;
  }
}

function step(
  { by, sign }: Extract<Wish, { kind: 'step' }>,
  { list: { queue }, selection, grid }: Granting,
): boolean {
  const cells = { cell: 1, row: grid.columns, page: grid.columns * grid.rows, all: queue.items.length }[by];
  const id = queue.neighbour(selection.id, sign * cells);
  if (id === null) return false;
  selection.select(queue.find(id));
  grid.focus();
  return true;
}
