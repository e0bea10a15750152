import { Session, type Profiler } from 'node:inspector/promises';
import { basename } from 'node:path';

/** Between two looks at what runs, microseconds. */
const INTERVAL_US = 200;

/** What the profiler itself runs in. */
const OWN = 'dispatch';

export interface FunctionTime {
  /** Its name, and the file it is from. */
  readonly name: string;
  /** Time of this thread in it, without that in functions it calls; what the compiler has put into it counts as its own. */
  readonly seconds: number;
}

/** Runs something and tells which functions of this thread took the time, the longest first. */
export async function cpuProfile(run: () => Promise<void>): Promise<FunctionTime[]> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await session.post('Profiler.start');
    await run();
    return selfTimes((await session.post('Profiler.stop')).profile);
  } finally {
    session.disconnect();
  }
}

function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): FunctionTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const seconds = new Map<string, number>();
  samples.forEach((id, i) => {
    const name = names.get(id)!;
    if (name === OWN) return;
    seconds.set(name, (seconds.get(name) ?? 0) + (timeDeltas[i] ?? 0) / 1e6);
  });
  return Array.from(seconds, ([name, own]) => ({ name, seconds: own })).sort((a, b) => b.seconds - a.seconds);
}

function nameOf({ functionName, url }: { functionName: string; url: string }): string {
  if (url.startsWith('wasm:')) return functionName.replace('src/', '');
  const name = functionName === '' ? 'anonymous' : functionName;
  return url === '' ? name : `${name}, ${basename(url).replace(/\.js$/, '')}`;
}
