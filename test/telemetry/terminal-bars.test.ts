import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TerminalBars } from '../../src/telemetry/terminal-bars.js';
import { Screen } from './screen.js';

function bench(columns?: number) {
  const screen = new Screen(columns);
  return { screen, bars: new TerminalBars(screen) };
}

describe('bars on a terminal', () => {
  it('stand below the text, which goes above them whole, and leave nothing behind', () => {
    const { screen, bars } = bench();
    screen.write('archive http://127.0.0.1/\n');
    const first = bars.add('first {percentage}% {value}/{total}', 40);
    expect(screen.text).toBe('archive http://127.0.0.1/\nfirst 0% 0/40');
    first.update(10);
    const second = bars.add('second {percentage}%', 40);
    expect(screen.text).toBe('archive http://127.0.0.1/\nfirst 25% 10/40\nsecond 0%');
    expect(bars.above('a\nb\n')).toBe(true);
    expect(screen.text).toBe('archive http://127.0.0.1/\na\nb\nfirst 25% 10/40\nsecond 0%');
    bars.remove(first);
    expect(screen.text).toBe('archive http://127.0.0.1/\na\nb\nsecond 0%');
    bars.above('c\n');
    bars.remove(second);
    expect(screen.text).toBe('archive http://127.0.0.1/\na\nb\nc');
    expect(bars.above('d\n')).toBe(false);
    screen.write('d\n');
    expect(screen.text).toBe('archive http://127.0.0.1/\na\nb\nc\nd');
  });

  it('show all that is printed, in order, however bars come, move and go meanwhile', () => {
    const word = (letter: string, most: number) =>
      fc.integer({ min: 1, max: most }).map((length) => letter.repeat(length));
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), name: word('B', 90) }),
      fc.record({ kind: fc.constantFrom('update' as const, 'remove' as const), bar: fc.nat(9) }),
      fc.record({
        kind: fc.constant('print' as const),
        lines: fc.array(word('t', 90), { minLength: 1, maxLength: 4 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.integer({ min: 12, max: 60 }), (steps, columns) => {
        const { screen, bars } = bench(columns);
        const shown: { readonly name: string; readonly bar: ReturnType<TerminalBars['add']> }[] = [];
        const plain = new Screen(columns);
        for (const each of steps) {
          const at = 'bar' in each ? each.bar % Math.max(1, shown.length) : 0;
          if (each.kind === 'add') shown.push({ name: each.name, bar: bars.add(each.name, 10) });
          else if (each.kind === 'update') shown[at]?.bar.update(5);
          else if (each.kind === 'remove') shown.splice(at, 1).forEach(({ bar }) => bars.remove(bar));
          else if (each.kind === 'print') {
            const text = each.lines.map((line) => `${line}\n`).join('');
            if (!bars.above(text)) screen.write(text);
            plain.write(text);
          }
          const below = shown.map(({ name }) => name.slice(0, columns));
          expect(screen.text).toBe([plain.text, ...below].filter((text) => text !== '').join('\n'));
        }
        for (const { bar } of shown) bars.remove(bar);
        expect(screen.text).toBe(plain.text);
      }),
    );
  });

  it('do not tell when they end where nobody knows', () => {
    const { screen, bars } = bench();
    const bar = bars.add('ETA {eta_formatted}', 10);
    bar.update(0);
    bars.above('\n');
    expect(screen.text).toMatch(/\nETA (-|0s)$/);
    bars.remove(bar);
  });
});
