import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { locateTensors, readSafetensors, writeSafetensors } from '../../src/model/safetensors.js';
import type { Weights } from '../../src/model/weights.js';

const weights = fc
  .dictionary(
    fc.stringMatching(/^[a-z][a-z.0-9]{0,12}$/),
    fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 40 }),
    { minKeys: 1, maxKeys: 6 },
  )
  .map((arrays): Weights => {
    const entries = Object.entries(arrays).map(
      ([name, values]) => [name, { shape: [values.length], data: new Float32Array(values) }] as const,
    );
    return new Map(entries);
  });

describe('safetensors', () => {
  test('gives single precision back bit by bit', () => {
    fc.assert(
      fc.property(weights, (written) => {
        const read = readSafetensors(
          writeSafetensors(written, () => 'F32'),
          'x.safetensors',
        );
        expect(new Map([...read].sort())).toEqual(new Map([...written].sort()));
      }),
    );
  });

  test('starts every tensor at a multiple of its type’s size', () => {
    fc.assert(
      fc.property(weights, (written) => {
        const bytes = writeSafetensors(written, (name) => (name.length % 2 === 0 ? 'F16' : 'F32'));
        for (const { type, offset } of locateTensors(bytes, 'x.safetensors').values()) {
          expect(offset % (type === 'F32' ? 4 : 2)).toBe(0);
        }
      }),
    );
  });

  test('is the format of the reference implementation', () => {
    const bytes = writeSafetensors(
      new Map([['a', { shape: [1, 2], data: new Float32Array([1, -2]) }]]),
      () => 'F32',
    );
    const header = '{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
    expect(bytes.readBigUInt64LE(0)).toBe(BigInt(Math.ceil(header.length / 8) * 8));
    expect(bytes.toString('utf8', 8, 8 + header.length)).toBe(header);
    expect(bytes.subarray(-8)).toEqual(Buffer.from(new Float32Array([1, -2]).buffer));
  });

  test.each([
    ['nothing', Buffer.alloc(3)],
    ['a header that reaches beyond the end', Buffer.from([255, 0, 0, 0, 0, 0, 0, 0, 123])],
    ['no JSON', Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{]')])],
  ])('refuses %s with one sentence naming the file', (_what, bytes) => {
    expect(() => readSafetensors(bytes, 'models/x/weights.safetensors')).toThrow(
      /^models\/x\/weights\.safetensors is not a readable safetensors file .*: fetch the model folder again\.$/,
    );
  });

  test('refuses a file that was cut off', () => {
    const whole = writeSafetensors(new Map([['a', { shape: [4], data: new Float32Array(4) }]]), () => 'F32');
    expect(() => readSafetensors(whole.subarray(0, whole.length - 1), 'w')).toThrow(/does not fit/);
  });
});
