import type { OdeSet } from './ode-answer.js';
import type { OdeState } from './ode-state.js';
import { addDays, dayOf, monthBefore, monthOf, splitWindow, type OdeWindow } from './ode-window.js';

/** Months of observation whose numbers are kept and compared: as far back as a late product is looked for. */
const MOST_MONTHS = 12;
/** Months that are looked at on a first start for the newest one with products. */
const MAX_WALK_BACK = 24;
/** Products are made months before they are released, and loaded into ODE later still. */
const CREATION_OVERLAP_DAYS = 30;
/** About as many products a window: a minute or two of requests. */
const MOST_PRODUCTS = 3000;

/** What a poll asks of ODE. */
export interface OdeCounts {
  set(): Promise<OdeSet>;
  /** Products of the Moon in all these windows at once; of all when none is given. */
  count(...windows: readonly OdeWindow[]): Promise<number>;
}

export interface PollPlan {
  /** State with what is to be read as `pending`. */
  readonly state: OdeState;
  /** Products that were added to months which are not watched: older ones, which only a backfill brings. */
  readonly older: number;
}

/**
 * Finds where ODE has something new, by counting: windows of time whose numbers changed are read, and nothing else.
 * Nothing new costs two requests, the list of sets and the number of products created lately.
 *
 * What is found: every product that ODE adds to a month of observation since the first start, as long as that is
 * among the newest twelve, whenever the product was made and whether or not ODE knows when; every known product that
 * was made anew since the last change (its day of creation moves into the window of creation, which goes back 30 days
 * before that).
 *
 * What is not: products added to older months (they are counted and told); one that is added while another of the same
 * month goes away; one that is made anew when it was made within the window already, until that is read again.
 *
 * @returns null when nothing changed
 * @throws what `ode` throws
 */
export async function planPoll(ode: OdeCounts, state: OdeState | null, now: Date): Promise<PollPlan | null> {
  const listed = await ode.set();
  if (state === null) return firstPlan(ode, listed, now);
  const created = await ode.count(since(state.created.since, now));
  const sameSet = listed.products === state.listed.products && listed.newest === state.listed.newest;
  if (sameSet && created === state.created.count) return null;

  // What is compared next time is counted first: a product that comes in between is then found twice, not never.
  const total = await ode.count();
  const lately = await createdLately(ode, now);
  const { months, changed, older } = await changedMonths(ode, listed, state, total, now);
  const pending = [
    ...changed.flatMap(([month, products]) => splitWindow(month, products, MOST_PRODUCTS)),
    ...(await madeAnew(ode, state, changed, now)),
  ];
  return { state: { listed, total, created: lately, months, pending }, older };
}

/** Begins at the newest month that has products; older ones come by backfill alone. */
async function firstPlan(ode: OdeCounts, listed: OdeSet, now: Date): Promise<PollPlan> {
  const total = await ode.count();
  const created = await createdLately(ode, now);
  let month = newestMonth(listed, now);
  let products = await ode.count(month);
  for (let asked = 1; products === 0 && asked < MAX_WALK_BACK; asked++) {
    month = monthBefore(month);
    products = await ode.count(month);
  }
  const state = {
    listed,
    total,
    created,
    months: { [month.from]: products },
    pending: products === 0 ? [] : splitWindow(month, products, MOST_PRODUCTS),
  };
  return { state, older: 0 };
}

/** Walks back from the newest month until the change of the total is explained. */
async function changedMonths(ode: OdeCounts, listed: OdeSet, state: OdeState, total: number, now: Date) {
  const known = Object.keys(state.months).sort();
  const newest = newestMonth(listed, now);
  const [first, last] = [known[0] ?? newest.from, known[known.length - 1] ?? ''];
  const months = { ...state.months };
  const changed: [OdeWindow, number][] = [];
  let unexplained = total - state.total;
  for (let month = newest; month.from >= first; month = monthBefore(month)) {
    if (month.from <= last && unexplained === 0) break;
    const products = await ode.count(month);
    // A month after the newest known one had none.
    const difference = products - (state.months[month.from] ?? 0);
    if (difference !== 0) changed.unshift([month, products]);
    months[month.from] = products;
    unexplained -= difference;
  }
  const kept = Object.fromEntries(Object.entries(months).sort().slice(-MOST_MONTHS));
  return { months: kept, changed, older: Math.max(0, unexplained) };
}

/** The window of creation, where its number changed and the changed months do not hold all of it anyway. */
async function madeAnew(
  ode: OdeCounts,
  state: OdeState,
  changed: readonly (readonly [OdeWindow, number])[],
  now: Date,
): Promise<OdeWindow[]> {
  const window = since(state.created.since, now);
  const products = await ode.count(window);
  if (products === state.created.count) return [];
  let covered = 0;
  for (const [month] of changed) covered += await ode.count(window, month);
  return covered < products ? splitWindow(window, products, MOST_PRODUCTS) : [];
}

async function createdLately(ode: OdeCounts, now: Date): Promise<OdeState['created']> {
  const window = since(addDays(dayOf(now), -CREATION_OVERLAP_DAYS), now);
  return { since: window.from, count: await ode.count(window) };
}

function since(day: string, now: Date): OdeWindow {
  return { by: 'creation', from: day, to: dayOf(now) };
}

/** By the newest observation, which is not believed where it lies in the future. */
function newestMonth({ newest }: OdeSet, now: Date): OdeWindow {
  const told = newest === null ? null : /^\d{4}-\d\d-\d\d/.exec(newest)?.[0];
  const today = dayOf(now);
  return monthOf(told === null || told === undefined || told > today ? today : told);
}
