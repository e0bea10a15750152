/** A bench among the files of bench/. */
export interface Bench {
  /** `folder/name`, or the folder alone where the file bears its name. */
  readonly name: string;
  /** Whether it takes `--size`, as the measurements of speed do. */
  readonly sized: boolean;
}

/** Parts that read what the others measured run after them. */
const LAST = ['archive-on-paper'];
/** Of its own: it measures nothing. */
const REPORT = 'report';

/**
 * Benches: the files whose opening comment tells how they are run.
 *
 * @param files paths below bench/, with slashes
 */
export function benchesIn(files: readonly string[], read: (file: string) => string): Bench[] {
  return files
    .filter((file) => /^[\w-]+\/[\w-]+\.ts$/.test(file))
    .flatMap((file): Bench[] => {
      const usage = /Usage:\s+(?:\*\s*)?npm run bench[\s\S]*/.exec(opening(read(file)))?.[0];
      const [folder = '', name = ''] = file.replace(/\.ts$/, '').split('/');
      if (usage === undefined) return [];
      return [{ name: folder === name ? folder : `${folder}/${name}`, sized: usage.includes('--size ') }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function opening(text: string): string {
  return /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
}

/**
 * The measurements of speed, in the order in which they run: the benches that bear their folder's name and take a
 * size. The others are asked for by name.
 */
export function partsOf(benches: readonly Bench[]): string[] {
  const parts = benches
    .filter(({ name, sized }) => sized && !name.includes('/') && name !== REPORT)
    .map(({ name }) => name);
  return [...parts.filter((name) => !LAST.includes(name)), ...parts.filter((name) => LAST.includes(name))];
}

/** Where a bench lies, `folder/name`; null for what is none. */
export function sourceOf(name: string, benches: readonly Bench[]): string | null {
  if (!benches.some((bench) => bench.name === name)) return null;
  return name.includes('/') ? name : `${name}/${name}`;
}
