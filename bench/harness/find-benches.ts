/** Parts that read what the others measured run after them. */
const LAST = ['archive-on-paper'];
/** Of its own: it measures nothing. */
const REPORT = 'report';

/**
 * Benches among the files of bench/: those whose opening comment tells how they are run.
 *
 * @param files paths below bench/, with slashes
 * @returns `folder/name`, or the folder alone where the file bears its name
 */
export function benchesIn(files: readonly string[], read: (file: string) => string): string[] {
  return files
    .filter(
      (file) =>
        /^[\w-]+\/[\w-]+\.ts$/.test(file) && /Usage:\s+(\*\s*)?npm run bench/.test(opening(read(file))),
    )
    .map((file) => {
      const [folder = '', name = ''] = file.replace(/\.ts$/, '').split('/');
      return folder === name ? folder : `${folder}/${name}`;
    })
    .sort();
}

function opening(text: string): string {
  return /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
}

/**
 * The measurements of speed, in the order in which they run: the benches that bear their folder's name. The others
 * are asked for by name.
 */
export function partsOf(benches: readonly string[]): string[] {
  const parts = benches.filter((name) => !name.includes('/') && name !== REPORT);
  return [...parts.filter((name) => !LAST.includes(name)), ...parts.filter((name) => LAST.includes(name))];
}

/** Where a bench lies, `folder/name`; null for what is none. */
export function sourceOf(name: string, benches: readonly string[]): string | null {
  if (!benches.includes(name)) return null;
  return name.includes('/') ? name : `${name}/${name}`;
}
