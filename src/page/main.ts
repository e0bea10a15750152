import type { Verdict } from '../domain/review.js';
import type { CoverageFeature, DetectionFeature, ReviewStandingAnswer } from '../http/contract.js';
import { ApiError, PAGE_SIZE, api, type DetectionFilter, type WorkStatus } from './api.js';
import { countText } from './format.js';
import { linkedDetection } from './link.js';
import { MapPane } from './map-pane.js';
import { Detail } from './panel/detail.js';
import { byId } from './panel/dom.js';
import { Filters } from './panel/filters.js';
import { ChipGrid } from './panel/grid.js';
import { Help } from './panel/help.js';
import { Progress } from './panel/progress.js';
import { showStatus } from './panel/status-line.js';
import { wishOf, type Wish } from './review/keys.js';
import { ReviewQueue } from './review/queue.js';
import { Reviewer } from './review/reviewer.js';
import { Reviewing } from './review/reviewing.js';

const POLL_MS = 2000;
/** Polls between two looks at what others reviewed. */
const PROGRESS_EVERY = 3;
/** As many as fill a large window: the sooner they are there, the sooner the page is. */
const FIRST_PAGE = 60;
/** The API's largest page: a longer list is refreshed to this length. */
const MOST = 1000;
const MOVE_PAUSE_MS = 250;
const PROGRESS_PAUSE_MS = 120;

const statusElement = byId('status', HTMLElement);
const summary = byId('summary', HTMLElement);
const notice = byId('notice', HTMLElement);

const queue = new ReviewQueue();
let coverage: readonly CoverageFeature[] = [];
let status: WorkStatus | null = null;
let standing: ReviewStandingAnswer | null = null;
let selected: DetectionFeature | null = null;
let revision = '';
/** Ids that were ever shown, and those that came while the page was open. */
const seen = new Set<number>();
const fresh = new Set<number>();
/** Answers to questions that were asked before the latest one are dropped. */
let asked = 0;
let loadingMore = false;
let moveTimer: ReturnType<typeof setTimeout> | undefined;
let progressTimer: ReturnType<typeof setTimeout> | undefined;

// The token has done its work: it left a cookie. It must not stay in the address and the history.
if (new URLSearchParams(location.search).has('token'))
  history.replaceState(null, '', location.pathname + location.hash);

const help = new Help();
const reviewer = new Reviewer();
const progress = new Progress();
const filters = new Filters({
  changed: () => void guarded(restart),
  product: (productId) => (productId === '' ? map.fitAll() : map.fitImage(productId)),
});
const grid = new ChipGrid(byId('grid', HTMLElement), {
  select: (id) => void guarded(() => open(id)),
  closeUp: () => map.closeUp(selected),
  more: () => void guarded(loadMore),
});
const detail = new Detail({
  verdict: (verdict) => void judge(verdict),
  note: (text) => void note(text),
  undo: () => void undo(),
  closeUp: () => map.closeUp(selected),
  close: () => select(null),
});
const reviewing = new Reviewing(reviewer, {
  kept(state) {
    queue.review(state);
    if (selected?.id === state.id)
      selected = queue.find(state.id) ?? { ...selected, ...reviewed(selected, state) };
    map.review(state.id, state.review);
    draw();
    askProgress();
  },
  failed(error) {
    tell(error);
    draw();
  },
});
const map = new MapPane({
  select: (id) => void guarded(() => open(id)),
  selectImage: (productId) => map.fitImage(productId),
  question: () => filters.value,
  moved() {
    if (!filters.inView) return;
    clearTimeout(moveTimer);
    moveTimer = setTimeout(() => void guarded(restart), MOVE_PAUSE_MS);
  },
  failed: tell,
});

document.addEventListener('keydown', (event) => {
  const wish = wishOf(event, help.letters);
  if (wish !== null && grant(wish)) event.preventDefault();
});
addEventListener('hashchange', () => void guarded(openLinked));

void start();

async function start(): Promise<void> {
  await guarded(async () => {
    const first = await api.revision();
    await load(FIRST_PAGE);
    revision = first;
  });
  // What is seen first goes first.
  await Promise.all([guarded(readCoverage).then(() => map.open()), guarded(readProgress)]);
  await guarded(openLinked);
  for (let turn = 1; ; turn++) {
    await poll(turn % PROGRESS_EVERY === 0);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    while (document.hidden) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Looks for news; what cannot be had is asked for again next time. */
async function poll(withProgress: boolean): Promise<void> {
  await guarded(async () => {
    const latest = await api.revision();
    if (latest !== revision) {
      const first = revision === '';
      await readCoverage();
      await load(undefined, !first);
      await readProgress();
      map.refresh();
      revision = latest;
    } else if (withProgress) await followOthers();
    status = await api.status();
  });
  showStatus(statusElement, status, coverage.length);
}

/** What others reviewed meanwhile is shown in the list as well. */
async function followOthers(): Promise<void> {
  const before = standing?.revision;
  await readProgress();
  if (before === undefined || standing?.revision === before) return;
  await load();
  map.refresh();
}

async function readCoverage(): Promise<void> {
  coverage = await api.coverage();
  filters.offer(coverage);
  map.showCoverage(coverage);
}

async function readProgress(): Promise<void> {
  standing = await api.progress(question());
  progress.show(standing);
  filters.offerReviewers(standing.reviewers);
  const { state, ranked } = standing.learned;
  if (filters.offerLearned(ranked > 0 && (state === 'applied' || state === 'learning'))) await restart();
  else draw();
}

/** After a review: several in a row cause one look. */
function askProgress(): void {
  clearTimeout(progressTimer);
  progressTimer = setTimeout(() => void guarded(readProgress), PROGRESS_PAUSE_MS);
}

async function guarded(work: () => Promise<void>): Promise<void> {
  try {
    await work();
    notice.hidden = true;
  } catch (error) {
    tell(error);
  }
}

function tell(error: unknown): void {
  const denied = error instanceof ApiError && error.status === 401;
  if (!(error instanceof ApiError) || denied) status = null;
  notice.textContent = denied
    ? 'This server asks for a token: open the page once as /?token=… with the value of http.token.'
    : error instanceof ApiError
      ? error.message
      : 'The server does not answer: is selenoscan still running? Trying again.';
  notice.hidden = false;
}

/** Another filter or order: what was loaded is forgotten. */
async function restart(): Promise<void> {
  const turn = (asked += 1);
  const answer = await api.detections(question(), filters.order, null);
  if (turn !== asked) return;
  for (const { id } of answer.features) seen.add(id);
  queue.restart(answer);
  byId('grid', HTMLElement).scrollTop = 0;
  draw();
  map.refresh();
  await readProgress();
}

/** Fetches the list anew, as long as it was. @param announces whether what is new is to be pointed out */
async function load(size?: number, announces = false): Promise<void> {
  const turn = (asked += 1);
  const limit = size ?? Math.max(PAGE_SIZE, Math.min(MOST, queue.items.length));
  const answer = await api.detections(question(), filters.order, null, limit);
  if (turn !== asked) return;
  for (const { id } of answer.features) {
    if (announces && !seen.has(id)) fresh.add(id);
    seen.add(id);
  }
  queue.replace(answer);
  draw();
}

async function loadMore(): Promise<void> {
  if (queue.next === null || loadingMore) return;
  loadingMore = true;
  const turn = asked;
  try {
    const answer = await api.detections(question(), filters.order, queue.next);
    if (turn !== asked) return;
    for (const { id } of answer.features) seen.add(id);
    queue.append(answer);
  } finally {
    loadingMore = false;
  }
  draw();
}

function question(): DetectionFilter {
  return { ...filters.value, bbox: filters.inView ? map.box() : null };
}

/** Brings the page to what is known. */
function draw(): void {
  grid.show(queue.items, total(), fresh);
  grid.select(queue.placeOf(selected?.id ?? null), false);
  detail.show(
    selected,
    selected === null ? null : reviewing.reviewsOf(selected.id),
    reviewer.name,
    reviewing.undoable,
  );
  summary.textContent = summaryText();
}

/** How many there are under the filters, as far as it is known; those loaded where all are. */
function total(): number {
  const loaded = queue.items.length;
  if (queue.next === null || standing === null) return loaded;
  const { detections, reviewed, verdicts } = standing;
  const { review, reviewer: by } = filters.value;
  if (review === '') return Math.max(loaded, by === '' ? detections : reviewed);
  const others = review === 'none' ? detections - reviewed : review === 'any' ? reviewed : verdicts[review];
  return Math.max(loaded, others ?? 0);
}

function summaryText(): string {
  const { items } = queue;
  if (items.length === 0)
    return coverage.length === 0
      ? 'Nothing was scanned yet. Detections appear here as images are scanned.'
      : 'No detection fits the filter.';
  const at = queue.placeOf(selected?.id ?? null);
  const known = items.filter(({ properties }) => properties.known_object !== null).length;
  return [
    `${at < 0 ? '' : `${(at + 1).toLocaleString('en')} of `}${countText(total(), 'detection')}`,
    ...(known === 0 ? [] : [`${known} at known objects`]),
  ].join(' · ');
}

/** Selects a detection, also one that the list does not have. */
async function open(id: number): Promise<void> {
  const listed = queue.find(id);
  if (listed !== null) return select(listed);
  const found = await api.detection(id);
  reviewing.learn(id, found.reviews);
  select(found);
}

/** Shows the detection that the address names, as links from elsewhere do. */
async function openLinked(): Promise<void> {
  const id = linkedDetection(location.hash);
  if (id === null) return;
  await open(id);
  map.closeUp(selected);
}

function select(detection: DetectionFeature | null): void {
  selected = detection;
  draw();
  grid.select(queue.placeOf(detection?.id ?? null), true);
  map.select(detection);
  if (detection === null) return;
  const { id } = detection;
  void guarded(async () => {
    const { outline, reviews } = await api.detection(id);
    reviewing.learn(id, reviews);
    if (selected?.id !== id) return;
    map.outline(selected, outline);
    draw();
  });
}

/** Says it and goes on to the next one that nobody has reviewed. */
async function judge(verdict: Verdict): Promise<void> {
  if (selected === null) return;
  const { id } = selected;
  if (await reviewing.verdict(id, verdict)) await goOn(id);
}

async function goOn(id: number): Promise<void> {
  let next = queue.nextUnreviewed(id);
  while (next === null && queue.next !== null) {
    const before = queue.items.length;
    await guarded(loadMore);
    if (queue.items.length === before) break;
    next = queue.nextUnreviewed(id);
  }
  if (selected?.id === id && next !== null) select(queue.find(next));
}

async function note(text: string): Promise<void> {
  if (selected !== null) await reviewing.note(selected.id, text);
}

async function undo(): Promise<void> {
  const id = reviewing.undo();
  if (id !== null) await guarded(() => open(id));
}

/** @returns whether there was something to do */
function grant(wish: Wish): boolean {
  switch (wish.kind) {
    case 'verdict':
      void judge(wish.verdict);
      return selected !== null;
    case 'step':
      return step(wish);
    case 'unreviewed':
      void goOn(selected?.id ?? -1);
      if (selected === null) select(queue.find(queue.nextUnreviewed(null)));
      return true;
    case 'note':
      detail.openNote();
      return selected !== null;
    case 'undo':
      void undo();
      return true;
    case 'close-up':
      map.closeUp(selected);
      return selected !== null;
    case 'close':
      if (document.activeElement === document.body || document.activeElement?.id === 'grid') select(null);
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
      if (filters.switchOrder()) void guarded(restart);
      return true;
    case 'help':
      help.open();
      return true;
  }
}

function step({ by, sign }: Extract<Wish, { kind: 'step' }>): boolean {
  const cells = { cell: 1, row: grid.columns, page: grid.columns * grid.rows, all: queue.items.length }[by];
  const id = queue.neighbour(selected?.id ?? null, sign * cells);
  if (id === null) return false;
  select(queue.find(id));
  grid.focus();
  return true;
}

function reviewed(
  { properties }: DetectionFeature,
  {
    review,
    reviewer: by,
    reviewed_at,
  }: Pick<DetectionFeature['properties'], 'review' | 'reviewer' | 'reviewed_at'>,
): Pick<DetectionFeature, 'properties'> {
  return { properties: { ...properties, review, reviewer: by, reviewed_at } };
}
