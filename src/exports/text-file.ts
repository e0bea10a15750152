import { open } from 'node:fs/promises';

/** Characters that are gathered before they are written: one call for some hundred rows. */
const CHUNK = 1 << 18;

/** Writes pieces of text to a new file as they come. */
export async function writeText(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    let waiting = '';
    for await (const piece of pieces) {
      waiting += piece;
      if (waiting.length < CHUNK) continue;
      await file.write(waiting);
      waiting = '';
    }
    await file.write(waiting);
  } finally {
    await file.close();
  }
}
