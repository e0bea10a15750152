import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_STRETCH } from '../../src/domain/raster.js';
import type { ImageLayout, SpecialValues } from '../../src/raster/img/image-layout.js';
import { sampleDecoder } from '../../src/raster/img/sample-decoder.js';
import { SAMPLE_BYTES, type SampleType } from '../../src/raster/img/sample-type.js';
import type { RawLines } from '../../src/raster/load-samples.js';
import { addWeighted, eraseUnseen } from '../../src/raster/mix-bands.js';
import { Ranks } from '../../src/raster/ranks.js';
import { sampleKind, type SampleKind } from '../../src/raster/sample-kind.js';
import { SampleReader } from '../../src/raster/sample-reader.js';
import { worthOf } from '../../src/raster/special-values.js';
import { levelOf, type Stretch } from '../../src/raster/stretch.js';
import { undoDifferences, undoFloatDifferences } from './reference/predictor.js';
import { sampleDecoder as plainDecoder } from './reference/sample-decoder.js';
import { meaningOf } from './reference/special-values.js';
import { applyStretch, stretchOf } from './reference/stretch.js';

/** What is compared with random bits: values that mean something else, and their neighbours. */
const NOTABLE: readonly number[] = [
  ...[0xff7ffffb, 0xff7ffffc, 0xff7ffffd, 0xff7ffffe, 0xff7fffff, 0xff7ffffa, 0x7f7fffff, 0x7f800000],
  ...[0xff800000, 0x7fc00000, 0xffc00001, 0x80000000, 0, 1, 0x3f800000, 0xc61c3c00],
];
const int16s = [-32768, -32767, -32766, -32765, -32764, -32763, -32753, -32752, -1, 0, 1, 32767];

/** Bytes of samples: of any bits, small numbers and notable ones. */
const samples = (type: 'int' | 'real', bytes: number, little: boolean) => {
  const bits = fc.oneof(
    { weight: 3, arbitrary: fc.nat(0xffffffff) },
    {
      weight: 3,
      arbitrary: fc.integer({ min: -300, max: 4000 }).map((value) => bitsOf(value, type, bytes)),
    },
    { weight: 1, arbitrary: fc.constantFrom(...NOTABLE, ...int16s.map((value) => value & 0xffff)) },
  );
  return (length: number) =>
    fc.array(bits, { minLength: 1, maxLength: 40 }).map((drawn) => {
      const out = Buffer.alloc(length * bytes);
      for (let i = 0; i < length; i++) {
        const word = drawn[(i * 7) % drawn.length]!;
        const wide = Buffer.alloc(8);
        if (bytes === 8 && type === 'real') wide.writeDoubleLE(doubleOf(word), 0);
        else wide.writeUInt32LE(word, 0);
        const one = wide.subarray(0, bytes);
        out.set(little ? one : one.reverse(), i * bytes);
      }
      return new Uint8Array(out);
    });
};

function bitsOf(value: number, type: 'int' | 'real', bytes: number): number {
  if (type === 'int' || bytes < 4) return value >>> 0;
  return new Uint32Array(Float32Array.of(value / 64).buffer)[0]!;
}

function doubleOf(bits: number): number {
  const float = new Float32Array(Uint32Array.of(bits).buffer)[0]!;
  return bits % 5 === 0 ? float * 1.0000001 : float;
}

const size = fc.record({
  width: fc.integer({ min: 1, max: 13 }),
  beside: fc.integer({ min: 0, max: 9 }),
  height: fc.integer({ min: 1, max: 5 }),
});

const stretches: fc.Arbitrary<Stretch | null> = fc.oneof(
  fc.constant(null),
  fc
    .tuple(
      fc.double({ min: -500, max: 5000, noNaN: true }),
      fc.double({ min: 1e-30, max: 5000, noNaN: true }),
    )
    .map(([black, range]) => ({ black: Math.fround(black), white: Math.fround(black) + range })),
  fc.constant({ black: 0.5, white: 0.5 }),
);

function greyOf(stretch: Stretch, numbers: Float32Array): Uint8Array {
  const out = new Uint8Array(numbers.length);
  applyStretch(stretch, numbers, out);
  return out;
}

/** The first `width` of each `stride` values. */
function cropped(values: Float32Array, stride: number, width: number, height: number): Float32Array {
  return Float32Array.from(
    { length: width * height },
    (_, i) => values[Math.floor(i / width) * stride + (i % width)]!,
  );
}

/** Reads lines both ways and compares. @param expected what the plain code says they are worth */
async function compare(
  reader: SampleReader,
  lines: RawLines,
  band: number,
  asked: Stretch | null,
  expected: Float32Array,
): Promise<void> {
  const numbers = new Float32Array(expected.length);
  await reader.numbers(lines, band, numbers);
  // A negated 0 is 0.
  const unsigned = (value: number): number => value + 0;
  expect(numbers.map(unsigned)).toEqual(expected.map(unsigned));
  const stretch = asked ?? stretchOf(expected, DEFAULT_STRETCH);
  const grey = new Uint8Array(expected.length);
  await reader.grey(stretch, band)(lines, grey);
  expect(grey).toEqual(greyOf(stretch, expected));
}

const constants = (type: SampleType) => {
  const spelled = type.startsWith('f')
    ? fc.constantFrom('16#FF7FFFFB#', '16#7FC00000#', '16#7F800000#', '-9999', '0', '12.5', '1e39')
    : fc.constantFrom('-32768', '16#8001#', '0', '7', '255', '3000');
  const list = fc.array(spelled, { maxLength: 3 });
  return fc.record<SpecialValues>({
    noData: list,
    saturatedLow: list,
    saturatedHigh: list,
    validMinimum: fc.oneof(fc.constant(null), fc.constantFrom('-32752', '3', '16#FF7FFFFA#', '-1e30')),
  });
};

const TYPES = Object.keys(SAMPLE_BYTES) as SampleType[];
const COMPAND = { x: [0, 32, 136, 543, 2207], m: [2, 1, 0.5, 0.25, 0.125], b: [0, 32, 100, 236, 512] };

describe('samples of an .IMG by the kernels', () => {
  it.each(TYPES)('are worth, and as grey as, the plain code says: %s', async (sample) => {
    const bytes = SAMPLE_BYTES[sample];
    const drawn = size.chain(({ width, beside, height }) =>
      fc.record({
        width: fc.constant(width),
        stride: fc.constant(width + beside),
        height: fc.constant(height),
        // The last line may end with the last sample that is asked for.
        data: samples(
          sample.startsWith('f') ? 'real' : 'int',
          bytes,
          !sample.endsWith('be'),
        )((width + beside) * (height - 1) + width),
        special: constants(sample),
        scale: fc.constantFrom([1, 0], [3.05185094759972e-5, 0], [-2, 10], [1e30, 1]),
        companded: fc.boolean(),
        stretch: stretches,
      }),
    );
    await fc.assert(
      fc.asyncProperty(drawn, async ({ width, stride, height, data, special, scale, companded, stretch }) => {
        const layout: ImageLayout = {
          ...{ width: stride, height, offset: 0, sample, special, factor: scale[0], base: scale[1] },
          compand: companded && sample === 'u8' ? COMPAND : null,
        };
        const expected = cropped(plainDecoder(layout)(data), stride, width, height);
        const lines = { bytes: data, stride, width, height };
        await compare(sampleDecoder(layout), lines, 0, stretch, expected);
      }),
      { numRuns: 60 },
    );
  });
});

/** Samples of a TIFF as the plain code reads them, those of a line side by side. */
function plainSamples(
  data: Uint8Array,
  kind: SampleKind,
  form: { little: boolean; predictor: number; blockSamples: number; bands: number },
): ArrayLike<number> {
  const raw = Buffer.from(Uint8Array.from(data).buffer);
  if (form.predictor === 3) undoFloatDifferences(raw, form.blockSamples, form.bands, kind.bytes);
  else {
    if (!form.little && kind.bytes === 2) raw.swap16();
    if (!form.little && kind.bytes === 4) raw.swap32();
    if (!form.little && kind.bytes === 8) raw.swap64();
    const words = {
      1: new Uint8Array(raw.buffer),
      2: () => new Uint16Array(raw.buffer),
      4: () => new Uint32Array(raw.buffer),
      8: () => new BigUint64Array(raw.buffer),
    }[kind.bytes];
    if (form.predictor === 2)
      undoDifferences(typeof words === 'function' ? words() : words, form.blockSamples, form.bands);
  }
  const arrays = {
    ...{ uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array },
    ...{ uint32: Uint32Array, int32: Int32Array, float32: Float32Array, float64: Float64Array },
  };
  return new arrays[kind.name](raw.buffer);
}

const KINDS = ['2/8', '1/16', '2/16', '1/32', '2/32', '3/32', '3/64'].map((one) => {
  const [format, bits] = one.split('/').map(Number) as [number, number];
  return sampleKind([bits], [format])!;
});

describe('samples of a TIFF by the kernels', () => {
  it.each(KINDS)('are worth, and as grey as, the plain code says: $name', async (kind) => {
    const isFloat = kind.name.startsWith('float');
    const forms = fc.record({
      bands: fc.integer({ min: 1, max: 4 }),
      blocks: fc.integer({ min: 1, max: 3 }),
      blockWidth: fc.integer({ min: 1, max: 9 }),
      cut: fc.nat(8),
      height: fc.integer({ min: 1, max: 5 }),
      little: fc.boolean(),
      predictor: fc.constantFrom(...(isFloat ? [1, 2, 3] : [1, 2])),
      sign: fc.constantFrom<1 | -1>(1, -1),
      noData: fc.constantFrom('', 'nan', '0', '-9999', '7', '1e39', '-3.4028234663852886e38', '12.5', '300'),
      stretch: stretches,
    });
    const drawn = forms.chain((form) => {
      const stride = form.blocks * form.blockWidth;
      const data = samples(
        isFloat ? 'real' : 'int',
        kind.bytes,
        form.little,
      )(stride * form.bands * form.height);
      return fc.record({ form: fc.constant(form), data, band: fc.nat(form.bands - 1) });
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ form, data, band }) => {
        const { bands, predictor, sign, noData, height } = form;
        const stride = form.blocks * form.blockWidth;
        const width = Math.max(1, stride - (form.cut % form.blockWidth));
        const blockSamples = form.blockWidth * bands;
        const all = plainSamples(data, kind, { ...form, blockSamples });
        const meaning = meaningOf(kind, noData);
        const one = Float32Array.from(
          { length: stride * height },
          (_, i) => sign * meaning(all[i * bands + band]!),
        );
        const reader = new SampleReader(
          { kind, littleEndian: form.little, bands, predictor, blockSamples },
          worthOf(kind, noData, sign),
        );
        const lines = { bytes: data, stride, width, height };
        await compare(reader, lines, band, form.stretch, cropped(one, stride, width, height));
      }),
      { numRuns: 100 },
    );
  });
});

const floats = fc.array(
  fc.oneof(
    fc.float(),
    fc.integer({ min: 0, max: 9 }),
    fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 1e-45, -1e-45, 3.4028234663852886e38),
  ),
  { minLength: 1, maxLength: 300 },
);

describe('values of bands by the kernels', () => {
  it('add up to the brightness, each sum rounded', async () => {
    await fc.assert(
      fc.asyncProperty(
        floats,
        fc.constantFrom(0.2126, 0.7152, 0.0722),
        fc.array(fc.float({ noNaN: true }), { minLength: 300, maxLength: 300 }),
        async (drawn, weight, start) => {
          const values = Float32Array.from(drawn);
          const sum = Float32Array.from(start.slice(0, values.length));
          const expected = sum.map((value, i) => value + weight * values[i]!);
          await addWeighted(sum, values, weight);
          expect(sum).toEqual(expected);
        },
      ),
    );
  });

  it('are none where their opacity is 0', async () => {
    await fc.assert(
      fc.asyncProperty(floats, async (drawn) => {
        const opacity = Float32Array.from(drawn);
        const values = opacity.map((_, i) => i);
        const expected = values.map((value, i) => (opacity[i] === 0 ? NaN : value));
        await eraseUnseen(values, opacity);
        expect(values).toEqual(expected);
      }),
    );
  });
});

describe('ranks', () => {
  it('give the percentiles that sorting gives', () => {
    fc.assert(
      fc.property(floats, (drawn) => {
        const values = Float32Array.from(drawn);
        const sorted = values.filter(Number.isFinite).sort();
        const ranks = new Ranks(values);
        for (const percent of [0, 0.1, 12.5, 50, 99.9, 100]) {
          const expected = sorted[Math.round((percent / 100) * (sorted.length - 1))] ?? 0;
          expect(ranks.at(percent)).toBe(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('hold for more values than are counted at once', () => {
    const values = Float32Array.from({ length: 600_001 }, (_, i) => ((i * 7919) % 600_001) - 300_000);
    const ranks = new Ranks(values);
    expect([0, 0.1, 50, 100].map((percent) => ranks.at(percent))).toEqual([-300_000, -299_400, 0, 300_000]);
  });
});

describe('many lines', () => {
  it('are read by turns as by one', async () => {
    const [width, height] = [1300, 400];
    const kind = sampleKind([16], [2])!;
    const values = Int16Array.from({ length: width * height }, (_, i) => (i * 7919) % 30_000);
    const reader = new SampleReader(
      { kind, littleEndian: true, bands: 1, predictor: 1, blockSamples: width },
      worthOf(kind, '', 1),
    );
    const lines = { bytes: new Uint8Array(values.buffer), stride: width, width: width - 1, height };
    const numbers = new Float32Array((width - 1) * height);
    let turns = 0;
    const others = setInterval(() => turns++, 0);
    await reader.numbers(lines, 0, numbers);
    clearInterval(others);
    const expected = cropped(Float32Array.from(values), width, width - 1, height);
    expect(Buffer.compare(Buffer.from(numbers.buffer), Buffer.from(expected.buffer))).toBe(0);
    const stretch = { black: 100, white: 20_000 };
    const grey = new Uint8Array(numbers.length);
    await reader.grey(stretch, 0)(lines, grey);
    expect(grey.every((level, i) => level === levelOf(stretch, numbers[i]!))).toBe(true);
  });
});
