import { expect, it } from 'vitest';
import { frame, showLive } from '../../src/cli/live-view.js';

it('draws each frame over the one before it, cut to the terminal', () => {
  const drawn = frame(['one', 'a long line', 'three'], { rows: 3, columns: 6, write: () => undefined });
  expect(drawn).toBe('\x1b[Hone\x1b[K\na long\x1b[K\n\x1b[J');
});

it('leaves the terminal as it was, also when a look fails', async () => {
  let screen = '';
  const write = (text: string) => (screen += text);
  const looks = [() => Promise.resolve(['fine']), () => Promise.reject(new Error('away'))];
  const look = () => looks.shift()!();
  await expect(showLive({ write }, 1, look, new AbortController().signal)).rejects.toThrow('away');
  expect(screen).toContain('fine');
  expect(screen.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
});
