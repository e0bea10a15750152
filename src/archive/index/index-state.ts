import { z } from 'zod';

/** A volume that a poller has met. */
const knownVolume = z.object({
  /** MD5 of its INDEX.LBL when its rows were read; null where it was passed over because it was not there. */
  labelMd5: z.string().nullable(),
  /** Whether all of its products were announced, or only some by a backfill. */
  whole: z.boolean(),
  /** What the server said of the label, by its address. */
  validators: z.record(
    z.string(),
    z.object({ etag: z.string().nullable(), lastModified: z.string().nullable() }),
  ),
});

export type KnownVolume = Readonly<z.infer<typeof knownVolume>>;

const indexState = z.object({
  newestVolume: z.string().nullable(),
  volumes: z.record(z.string(), knownVolume),
  turn: z.number(),
  lastOlder: z.string().nullable(),
  lastAhead: z.string().nullable(),
});

/** What a poller remembers of an archive's volumes between polls; plain JSON. */
export interface IndexState {
  /** Newest volume whose products are stored, e.g. `LROLRC_1067A`; null before the first poll. */
  readonly newestVolume: string | null;
  /** The latest volumes by id, at most 200. */
  readonly volumes: Readonly<Record<string, KnownVolume>>;
  /** Counts the polls. */
  readonly turn: number;
  /** The volume, other than the newest, that was asked last whether it changed. */
  readonly lastOlder: string | null;
  /** The volume beyond the next one that was asked last, while that is overdue. */
  readonly lastAhead: string | null;
}

/** The archive's 17 years are some 130 volumes. */
const MOST_VOLUMES = 200;

const NOTHING: IndexState = { newestVolume: null, volumes: {}, turn: 0, lastOlder: null, lastAhead: null };

/** The shape before more than one volume was remembered. */
const singleVolume = z.object({
  newestVolume: z.string(),
  labelMd5: z.string(),
  validators: knownVolume.shape.validators,
});

/** Reads what was stored, in the present shape or the one before; anything else is a first start. */
export function readIndexState(stored: unknown): IndexState {
  const present = indexState.safeParse(stored);
  if (present.success) return present.data;
  const single = singleVolume.safeParse(stored);
  if (!single.success) return NOTHING;
  const { newestVolume, labelMd5, validators } = single.data;
  return { ...NOTHING, newestVolume, volumes: { [newestVolume]: { labelMd5, validators, whole: true } } };
}

/**
 * Adds a volume that was announced by someone else than the poller, such as a backfill. What was announced in part
 * and is known keeps its label's MD5, so that a poller still sees that it changed in the meantime.
 * @param stored the state as it is stored; null before the first poll
 * @param volume.whole whether all of its products were announced
 */
export function withVolume(
  stored: unknown,
  {
    volumeId,
    labelMd5,
    validators,
    whole,
  }: { readonly volumeId: string } & Omit<KnownVolume, 'labelMd5'> & {
      readonly labelMd5: string;
    },
): IndexState {
  const state = readIndexState(stored);
  if (volumeId in state.volumes && !whole) return state;
  return keep(state, volumeId, { labelMd5, whole, validators });
}

/** The state once a volume's products are stored: the newest one moves on, what it passes over is remembered. */
export function withReleased(
  state: IndexState,
  volumeId: string,
  known: KnownVolume,
  passedOver: readonly string[],
): IndexState {
  const { newestVolume } = state;
  const moved = newestVolume === null || volumeId > newestVolume;
  const next = keep(moved ? { ...state, newestVolume: volumeId, lastAhead: null } : state, volumeId, known);
  return passedOver.reduce(
    (before, id) => (id in before.volumes ? before : keep(before, id, NOT_THERE)),
    next,
  );
}

const NOT_THERE: KnownVolume = { labelMd5: null, whole: true, validators: {} };

/** Ids sort as the calendar runs. */
function keep(state: IndexState, volumeId: string, known: KnownVolume): IndexState {
  const volumes = Object.entries({ ...state.volumes, [volumeId]: known })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(-MOST_VOLUMES);
  return { ...state, volumes: Object.fromEntries(volumes) };
}

/**
 * Whose turn it is to be asked whether it changed: the newest volume in every other poll, in the others the older
 * ones one after the other, those that were passed over among them. Null where none is known.
 */
export function takeTurn(state: IndexState): {
  readonly volumeId: string | null;
  readonly state: IndexState;
} {
  const { newestVolume, turn, lastOlder } = state;
  const older = Object.keys(state.volumes).filter((id) => id !== newestVolume);
  const advanced = { ...state, turn: turn + 1 };
  if (older.length === 0 || (turn % 2 === 0 && newestVolume !== null)) {
    return { volumeId: newestVolume, state: advanced };
  }
  const volumeId = after(older, lastOlder);
  return { volumeId, state: { ...advanced, lastOlder: volumeId } };
}

/**
 * Which of the volumes beyond an overdue one is asked, too: one after the other, and again from the first.
 * @param ahead in the order of the calendar
 */
export function takeAhead(
  state: IndexState,
  ahead: readonly string[],
): { readonly volumeId: string | null; readonly state: IndexState } {
  if (ahead.length === 0) return { volumeId: null, state };
  const volumeId = after(ahead, state.lastAhead);
  return { volumeId, state: { ...state, lastAhead: volumeId } };
}

/** The first id after the given one, around. */
function after(ids: readonly string[], last: string | null): string {
  const sorted = [...ids].sort();
  return (last === null ? undefined : sorted.find((id) => id > last)) ?? (sorted[0] as string);
}
