import type { CoverageFeature, ReviewStandingAnswer } from '../http/contract.js';
import { afterPause } from './after-pause.js';
import { api, type DetectionFilter } from './api.js';
import { DetectionList } from './detection-list.js';
import { Following } from './following.js';
import { grant } from './grant.js';
import { MapPane } from './map-pane.js';
import { Detail } from './panel/detail.js';
import { byId } from './panel/dom.js';
import { Filters } from './panel/filters.js';
import { ChipGrid } from './panel/grid.js';
import { Help } from './panel/help.js';
import { Notice } from './panel/notice.js';
import { Progress } from './panel/progress.js';
import { showStatus } from './panel/status-line.js';
import { summaryText, totalOf } from './panel/summary.js';
import { Judging } from './review/judging.js';
import { wishOf } from './review/keys.js';
import { Reviewer } from './review/reviewer.js';
import { Reviewing } from './review/reviewing.js';
import { Selection } from './selection.js';

/*
 * The parts of the page and who tells whom: each does one thing, and what they share goes through here.
 */

const MOVE_PAUSE_MS = 250;
const PROGRESS_PAUSE_MS = 120;

// The token has done its work: it left a cookie. It must not stay in the address and the history.
if (new URLSearchParams(location.search).has('token'))
  history.replaceState(null, '', location.pathname + location.hash);

let coverage: readonly CoverageFeature[] = [];
let standing: ReviewStandingAnswer | null = null;

const statusElement = byId('status', HTMLElement);
const summary = byId('summary', HTMLElement);
const gridElement = byId('grid', HTMLElement);

const notice: Notice = new Notice(() => following.lose());
const guarded = (work: () => Promise<unknown>): void => void notice.guarded(work);
const restartSoon = afterPause(MOVE_PAUSE_MS, () => guarded(restart));
const readProgressSoon = afterPause(PROGRESS_PAUSE_MS, () => guarded(readProgress));

const help = new Help();
const reviewer = new Reviewer();
const progress = new Progress();
const filters = new Filters({
  changed: () => guarded(restart),
  product: (productId) => (productId === '' ? map.fitAll() : map.fitImage(productId)),
});
const grid = new ChipGrid(gridElement, {
  select: (id) => guarded(() => selection.open(id)),
  closeUp: () => selection.closeUp(),
  more: () => guarded(loadMore),
});
const detail = new Detail({
  verdict: (verdict) => void judging.judge(verdict),
  note: (text) => void judging.note(text),
  undo: () => void judging.undo(),
  closeUp: () => selection.closeUp(),
  close: () => selection.select(null),
});
const map = new MapPane({
  select: (id) => guarded(() => selection.open(id)),
  selectImage: (productId) => map.fitImage(productId),
  question: () => filters.value,
  moved() {
    if (filters.inView) restartSoon();
  },
  failed: (error) => notice.tell(error),
});
const reviewing = new Reviewing(reviewer, {
  kept(state) {
    list.queue.review(state);
    selection.review(state);
    map.review(state.id, state.review);
    draw();
    readProgressSoon();
  },
  failed(error) {
    notice.tell(error);
    draw();
  },
});
const list = new DetectionList(() => ({ filter: filter(), order: filters.order }));
const selection = new Selection({ list, grid, map, reviewing, notice, draw });
const judging = new Judging({ list, selection, reviewing, notice, loadMore });
const following = new Following({
  notice,
  load,
  readCoverage,
  readProgress,
  reviews: () => standing?.revision,
  openMap: () => map.open(),
  refreshMap: () => map.refresh(),
  openLinked: () => selection.openLinked(),
  showStatus: (status) => showStatus(statusElement, status, coverage.length),
});

document.addEventListener('keydown', (event) => {
  const wish = wishOf(event, help.letters);
  if (wish === null) return;
  const parts = { list, selection, judging, detail, grid, map, filters, help };
  if (grant(wish, { ...parts, restart: () => guarded(restart) })) event.preventDefault();
});
addEventListener('hashchange', () => guarded(() => selection.openLinked()));

void following.run();

function filter(): DetectionFilter {
  return { ...filters.value, bbox: filters.inView ? map.box() : null };
}

/** Another filter or order. */
async function restart(): Promise<void> {
  if (!(await list.restart())) return;
  gridElement.scrollTop = 0;
  draw();
  map.refresh();
  await readProgress();
}

async function load(size?: number, announces?: boolean): Promise<void> {
  if (await list.load(size, announces)) draw();
}

async function loadMore(): Promise<void> {
  if (await list.loadMore()) draw();
}

async function readCoverage(): Promise<void> {
  coverage = await api.coverage();
  filters.offer(coverage);
  map.showCoverage(coverage);
}

async function readProgress(): Promise<void> {
  standing = await api.progress(filter());
  progress.show(standing);
  filters.offerReviewers(standing.reviewers);
  const { state, ranked } = standing.learned;
  if (filters.offerLearned(ranked > 0 && (state === 'applied' || state === 'learning'))) await restart();
  else draw();
}

/** Brings the page to what is known. */
function draw(): void {
  const { queue, fresh } = list;
  const { detection, id } = selection;
  const total = totalOf(queue, standing, filters.value);
  grid.show(queue.items, total, fresh);
  grid.select(queue.placeOf(id), false);
  detail.show(detection, id === null ? null : reviewing.reviewsOf(id), reviewer.name, reviewing.undoable);
  summary.textContent = summaryText(queue, id, total, coverage.length);
}
