import { ApiError, PAGE_SIZE, api, type WorkStatus } from './api.js';
import type { CoverageFeature, DetectionFeature } from '../http/contract.js';
import { countText } from './format.js';
import { linkedDetection } from './link.js';
import { centreOf } from './map/footprints.js';
import { MoonView } from './map/moon-view.js';
import type { MapKind } from './map/projections.js';
import { showDetail } from './panel/detail.js';
import { byId } from './panel/dom.js';
import { Filters } from './panel/filters.js';
import { DetectionList } from './panel/list.js';
import { showStatus } from './panel/status-line.js';

const POLL_MS = 2000;
/** The API's largest page: a longer list is refreshed to this length. */
const MOST = 1000;
const MOVE_PAUSE_MS = 250;

const mapElement = byId('map', HTMLElement);
const statusElement = byId('status', HTMLElement);
const summary = byId('summary', HTMLElement);
const notice = byId('notice', HTMLElement);
const projection = byId('projection', HTMLSelectElement);
const detailElement = byId('detail', HTMLElement);

let detections: readonly DetectionFeature[] = [];
let coverage: readonly CoverageFeature[] = [];
let status: WorkStatus | null = null;
let next: string | null = null;
let selected: number | null = null;
let revision = '';
/** Ids that were ever shown, and those that came while the page was open. */
const seen = new Set<number>();
const fresh = new Set<number>();
/** Answers to questions that were asked before the latest one are dropped. */
let asked = 0;
let loadingMore = false;
let moveTimer: ReturnType<typeof setTimeout> | undefined;

// The token has done its work: it left a cookie. It must not stay in the address and the history.
if (new URLSearchParams(location.search).has('token'))
  history.replaceState(null, '', location.pathname + location.hash);

const view = new MoonView(mapElement, byId('pointer', HTMLElement), {
  select: (id) => select(id, { focus: false }),
  selectImage: (productId) => view.fitImage(productId),
  moved() {
    tellMap();
    if (!filters.inView) return;
    clearTimeout(moveTimer);
    moveTimer = setTimeout(() => void guarded(load), MOVE_PAUSE_MS);
  },
});
const filters = new Filters({
  changed: () => void guarded(load),
  product: (productId) => (productId === '' ? fitAll() : view.fitImage(productId)),
});
const list = new DetectionList(byId('list', HTMLOListElement), {
  select: (id) => select(id, { focus: true }),
  more: () => void guarded(loadMore),
});

projection.addEventListener('change', () => {
  view.switchTo(projection.value as MapKind);
  tellMap();
});
byId('zoom-all', HTMLButtonElement).addEventListener('click', () => fitAll());
document.addEventListener('keydown', onKey);
byId('list', HTMLOListElement).addEventListener('dblclick', () => closeUp());
addEventListener('hashchange', () => void guarded(openLinked));

void start();

async function start(): Promise<void> {
  await poll();
  fitAll(false);
  await guarded(openLinked);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    if (!document.hidden) await poll();
  }
}

/** Shows the detection that the address names, as links from elsewhere do, whether or not the list has it. */
async function openLinked(): Promise<void> {
  const id = linkedDetection(location.hash);
  if (id === null) return;
  if (!detections.some((one) => one.id === id)) show([await api.detection(id), ...detections]);
  select(id, { focus: true });
  closeUp();
}

/** Looks for news; what cannot be had is asked for again next time. */
async function poll(): Promise<void> {
  await guarded(async () => {
    const latest = await api.revision();
    if (latest !== revision) {
      coverage = await api.coverage();
      filters.offer(coverage);
      view.showCoverage(coverage);
      await load(revision !== '');
      revision = latest;
    }
    status = await api.status();
  });
  showStatus(statusElement, status, coverage.length);
}

async function guarded(work: () => Promise<void>): Promise<void> {
  try {
    await work();
    notice.hidden = true;
  } catch (error) {
    status = null;
    const denied = error instanceof ApiError && error.status === 401;
    notice.textContent = denied
      ? 'This server asks for a token: open the page once as /?token=… with the value of http.token.'
      : error instanceof ApiError
        ? error.message
        : 'The server does not answer: is selenoscan still running? Trying again.';
    notice.hidden = false;
  }
}

/** Fetches the list anew, as long as it was. @param announces whether what is new is to be pointed out */
async function load(announces = false): Promise<void> {
  const turn = (asked += 1);
  const limit = Math.max(PAGE_SIZE, Math.min(MOST, detections.length));
  const answer = await api.detections(question(), null, limit);
  if (turn !== asked) return;
  for (const { id } of answer.features) {
    if (announces && !seen.has(id)) fresh.add(id);
    seen.add(id);
  }
  next = answer.next;
  show(answer.features);
}

async function loadMore(): Promise<void> {
  if (next === null || loadingMore) return;
  loadingMore = true;
  const turn = asked;
  try {
    const answer = await api.detections(question(), next);
    if (turn !== asked) return;
    for (const { id } of answer.features) seen.add(id);
    next = answer.next;
    show([...detections, ...answer.features]);
  } finally {
    loadingMore = false;
  }
}

function question() {
  return { ...filters.value, bbox: filters.inView ? view.box() : null };
}

function show(found: readonly DetectionFeature[]): void {
  detections = found;
  list.show(detections, fresh);
  view.showDetections(detections);
  const more = next === null ? '' : ' (more below)';
  const known = detections.filter(({ properties }) => properties.known_object !== null).length;
  summary.textContent =
    detections.length === 0
      ? coverage.length === 0
        ? 'Nothing was scanned yet. Detections appear here as images are scanned.'
        : 'No detection fits the filter.'
      : `${countText(detections.length, 'detection')}${more}${known === 0 ? '' : ` · ${known} at known objects`}`;
  tellMap();
}

function select(id: number | null, { focus }: { focus: boolean }): void {
  selected = id;
  const detection = detections.find((one) => one.id === id) ?? null;
  list.select(detection === null ? null : id, focus);
  view.select(detection);
  showDetail(detailElement, detection, { closeUp, close: () => select(null, { focus: false }) });
  if (detection === null) return;
  view.reveal(detection);
  tellMap();
  void guarded(async () => {
    const { outline } = await api.detection(detection.id);
    if (selected === detection.id) view.select(detection, outline);
  });
}

function closeUp(): void {
  const detection = detections.find(({ id }) => id === selected);
  if (detection !== undefined) view.closeUp(detection);
}

function fitAll(animate = true): void {
  const places = detections.flatMap(({ geometry }) => (geometry === null ? [] : [geometry.coordinates]));
  const grounds = coverage.flatMap(({ geometry }) =>
    geometry === null ? [] : [centreOf(geometry.coordinates.flat(2) as [number, number][])],
  );
  view.fit([...places, ...grounds], animate);
}

/** Arrow keys (or j, k) walk through the list wherever the focus is but in the map and the form. */
function onKey(event: KeyboardEvent): void {
  const target = event.target instanceof HTMLElement ? event.target : document.body;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest('#filters, select') !== null) return;
  if (event.key === 'Escape' && selected !== null) return select(null, { focus: false });
  if (target.closest('#map') !== null) return;
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 10, PageUp: -10, Home: -1e6, End: 1e6 }[
    event.key
  ];
  if (step !== undefined) {
    event.preventDefault();
    const id = list.neighbour(step);
    if (id !== null) select(id, { focus: true });
  } else if (event.key === 'Enter' && selected !== null && target.closest('.is-selected .card') !== null) {
    event.preventDefault();
    closeUp();
  }
}

/** The map is a picture: what it shows is also written down, for those who cannot see it. */
function tellMap(): void {
  const { kind, marks, lon, lat, resolution, names } = view.describe();
  projection.value = kind;
  Object.assign(mapElement.dataset, {
    kind,
    marks: String(marks),
    lon: lon.toFixed(4),
    lat: lat.toFixed(4),
    resolution: resolution.toFixed(2),
    names: String(names),
  });
}
