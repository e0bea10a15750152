import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidProductError } from '../../src/domain/errors.js';
import { bytesInMemory } from '../../src/raster/byte-source.js';
import { decompandTable } from '../../src/raster/img/compand.js';
import { findLayout } from '../../src/raster/img/find-layout.js';
import { imgSource } from '../../src/raster/img/img-source.js';
import { pds4Image } from '../../src/raster/img/pds4-layout.js';
import { sampleDecoder } from '../../src/raster/img/sample-decoder.js';
import { parseXml } from '../../src/raster/img/xml.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { REAL_DATA } from './images.js';

const LABELS = join(REAL_DATA, 'labels');
const real = (name: string): Buffer => readFileSync(join(LABELS, name));
const hasReal = existsSync(LABELS);
if (!hasReal) console.log(`skipped: no real labels at ${LABELS}`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raster-img-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, data: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, data);
  return path;
}

/** A PDS3 label of a small image; what a test does not name is plain. `null` leaves a keyword out. */
function label(
  image: Record<string, string | number | null> = {},
  file: Record<string, string | number | null> = {},
): string {
  const keywords = (values: object): string =>
    Object.entries(values)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => `${key} = ${value}\r\n`)
      .join('');
  const root = { PDS_VERSION_ID: 'PDS3', RECORD_TYPE: 'FIXED_LENGTH', RECORD_BYTES: 1000, '^IMAGE': 2 };
  const object = { LINES: 3, LINE_SAMPLES: 4, SAMPLE_BITS: 16, SAMPLE_TYPE: 'LSB_INTEGER' };
  return `${keywords({ ...root, TARGET_NAME: 'MOON', ...file })}OBJECT = IMAGE\r\n${keywords({ ...object, ...image })}END_OBJECT = IMAGE\r\nEND\r\n`;
}

/** The label in its record of 1000 bytes, and pixels behind. */
function product(text: string, pixels: ArrayLike<number> | Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(text.padEnd(1000), 'latin1'), Uint8Array.from(pixels)]);
}

/** All samples as numbers, before any stretch. */
async function numbers(name: string, data: Uint8Array): Promise<Float32Array> {
  const bytes = bytesInMemory(name, data);
  const { layout } = await findLayout(bytes, []);
  return imgSource(bytes, layout, sampleDecoder(layout), '').numbers(0, 0, layout.width, layout.height);
}

async function refusal(path: string): Promise<InvalidProductError> {
  try {
    await (await openRaster(path)).close();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidProductError);
    return error as InvalidProductError;
  }
  throw new Error(`${path} was opened.`);
}

describe('raw samples', () => {
  it.skipIf(!hasReal)('are taken back to 12 bits as the table for code 0 says', () => {
    const { xterm, mterm, bterm, dn } = JSON.parse(real('decompand_lut_code0.json').toString()) as {
      xterm: number[];
      mterm: number[];
      bterm: number[];
      dn: number[];
    };
    expect([...decompandTable({ x: xterm, m: mterm, b: bterm })]).toEqual(dn);
  });

  it.each([
    ['code 0', [0, 32, 136, 543, 2207], [0, 8, 25, 59, 128]],
    ['code 3', [0, 64, 424, 536, 800], [0, 16, 69, 103, 128]],
  ])('of %s are the middle of what the camera gives the code for', (_, x, b) => {
    const m = [0.5, 0.25, 0.125, 0.0625, 0.03125];
    const table = decompandTable({ x, m, b });
    const samples = new Map<number, number[]>();
    for (let sample = 0; sample < 4096; sample++) {
      const s = x.findLastIndex((start) => sample >= start);
      const code = Math.floor(m[s]! * sample + b[s]!);
      samples.set(code, [...(samples.get(code) ?? []), sample]);
    }
    for (const [code, all] of samples) expect(table[code]).toBe((all[0]! + all.at(-1)!) / 2);
  });

  it.skipIf(!hasReal).each(['nacl.img', 'nacr.img'])(
    'of the real %s are its last 50,640 bytes',
    async (name) => {
      const data = real(name);
      const { layout } = await findLayout(bytesInMemory(name, data), []);
      expect(layout).toMatchObject({ width: 5064, height: 10, offset: data.length - 50_640, sample: 'u8' });
      const table = decompandTable(layout.compand!);
      const expected = Float32Array.from(data.subarray(-50_640), (code) => table[code]!);
      expect(await numbers(name, data)).toEqual(expected);
      const image = await openRaster(join(LABELS, name));
      expect(image.info).toEqual({
        width: 5064,
        height: 10,
        format: 'PDS3 image, 8-bit companded',
        exactNulls: false,
      });
      await image.close();
    },
  );
});

describe('calibrated samples', () => {
  const CDR = {
    SCALING_FACTOR: '3.05185094759972e-05',
    VALID_MINIMUM: -32752,
    NULL: -32768,
    LOW_REPR_SATURATION: -32767,
    LOW_INSTR_SATURATION: -32766,
    HIGH_INSTR_SATURATION: -32765,
    HIGH_REPR_SATURATION: -32764,
  };
  const stored = [-32768, -32767, -32766, -32765, -32764, -32760, -32752, -1, 0, 1, 32766, 32767];
  const factor = 3.05185094759972e-5;
  const meant = [
    NaN,
    -Infinity,
    -Infinity,
    Infinity,
    Infinity,
    NaN,
    ...stored.slice(6).map((dn) => dn * factor),
  ];

  it('are scaled, and missing and saturated ones told, as the label says', async () => {
    const data = product(label(CDR), new Uint8Array(Int16Array.from(stored).buffer));
    expect(await numbers('A.IMG', data)).toEqual(Float32Array.from(meant));
  });

  it('of big-endian order and with an offset are read too', async () => {
    const swapped = new Uint8Array(Int16Array.from(stored).buffer);
    for (let i = 0; i < swapped.length; i += 2) swapped.subarray(i, i + 2).reverse();
    const data = product(label({ ...CDR, SAMPLE_TYPE: 'MSB_INTEGER', OFFSET: '0.5' }), swapped);
    const moved = meant.map((value) => value + 0.5);
    expect(await numbers('A.IMG', data)).toEqual(Float32Array.from(moved));
  });

  it('that are unsigned are counted from 0', async () => {
    const pixels = new Uint8Array(Uint16Array.from([0, 1, 65_535, 40_000, 5, 6, 7, 8, 9, 10, 11, 12]).buffer);
    const read = async (text: string) => (await numbers('A.IMG', product(text, pixels))).slice(0, 4);
    const unsigned = { SAMPLE_TYPE: 'LSB_UNSIGNED_INTEGER' };
    expect(await read(label(unsigned))).toEqual(Float32Array.of(NaN, 1, 65_535, 40_000));
    const stated = label({ ...unsigned, MISSING_CONSTANT: '16#FFFF#' });
    expect(await read(stated)).toEqual(Float32Array.of(0, 1, NaN, 40_000));
  });

  it.each([true, false])(
    'of radiance have their special values by bit pattern, stated: %s',
    async (isStated) => {
      const special = {
        VALID_MINIMUM: '16#FF7FFFFA#',
        NULL: '16#FF7FFFFB#',
        LOW_REPR_SATURATION: '16#FF7FFFFC#',
        LOW_INSTR_SATURATION: '16#FF7FFFFD#',
        HIGH_INSTR_SATURATION: '16#FF7FFFFE#',
        HIGH_REPR_SATURATION: '16#FF7FFFFF#',
      };
      const bits = [
        0xff7ffffb, 0xff7ffffc, 0xff7ffffd, 0xff7ffffe, 0xff7fffff, 0x7fc00000, 0x7f800000, 0xff800000,
      ];
      const pixels = new Uint8Array(48);
      const view = new DataView(pixels.buffer);
      bits.forEach((pattern, i) => view.setUint32(4 * i, pattern, true));
      [0, -3.5, 41.25, 1e-3].forEach((value, i) => view.setFloat32(4 * (8 + i), value, true));
      const text = label({ SAMPLE_BITS: 32, SAMPLE_TYPE: 'PC_REAL', ...(isStated ? special : {}) });
      expect(await numbers('S.IMG', product(text, pixels))).toEqual(
        Float32Array.of(NaN, -Infinity, -Infinity, Infinity, Infinity, NaN, NaN, NaN, 0, -3.5, 41.25, 1e-3),
      );
    },
  );

  it("are not cut by a minimum that is the image's own in scaled units", async () => {
    const values = Int16Array.from([-32768, -32760, -900, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const text = label({ SCALING_FACTOR: '0.5', VALID_MINIMUM: '-450.0' });
    expect((await numbers('A.IMG', product(text, new Uint8Array(values.buffer)))).slice(0, 4)).toEqual(
      Float32Array.of(NaN, NaN, -450, 1.5),
    );
  });

  it('become grey levels of which 0 is no data and nothing else', async () => {
    const data = product(label(CDR), new Uint8Array(Int16Array.from(stored).buffer));
    const image = await openRaster(await put('grey/A.IMG', data));
    expect(image.info).toEqual({ width: 4, height: 3, format: 'PDS3 image, i16le', exactNulls: true });
    const grey = await image.window(0, 0, 4, 3);
    await image.close();
    expect([...grey.subarray(0, 6)]).toEqual([0, 1, 1, 255, 255, 0]);
    for (const level of grey.subarray(6)) expect(level).toBeGreaterThan(0);
  });

  it.skipIf(!hasReal)('of the real PDS4 label are where and what they are', () => {
    const name = 'nac.m1271742202lc_cdr.xml';
    expect(pds4Image(parseXml(real(name).toString()), name)).toEqual({
      fileName: 'M1271742202LC.IMG',
      fileSize: 528_929_736,
      layout: {
        width: 5064,
        height: 52_224,
        offset: 5064,
        sample: 'i16le',
        factor,
        base: 0,
        special: {
          noData: ['-32768'],
          saturatedLow: ['-32766', '-32767'],
          saturatedHigh: ['-32765', '-32764'],
          validMinimum: '-32752',
        },
        compand: null,
      },
    });
  });
});

describe('reading by bands and by windows', () => {
  it('gives the same pixels, whatever is asked for', async () => {
    const [width, height] = [37, 201];
    const values = Int16Array.from({ length: width * height }, (_, i) => (i * 7919) % 30_000);
    const text = label({ LINES: height, LINE_SAMPLES: width });
    const image = await openRaster(await put('bands/A.IMG', product(text, new Uint8Array(values.buffer))));
    const whole = await image.window(0, 0, width, height);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(height - 1),
        fc.nat(height),
        fc.nat(width - 1),
        fc.nat(width),
        async (y, h, x, w) => {
          const lines = Math.max(1, Math.min(h, height - y));
          const samples = Math.max(1, Math.min(w, width - x));
          for await (const strip of image.strips([{ firstLine: y, lines }])) {
            expect(Buffer.compare(strip.data, whole.subarray(y * width, (y + lines) * width))).toBe(0);
          }
          const window = await image.window(x, y, samples, lines);
          for (let line = 0; line < lines; line++) {
            const at = (y + line) * width + x;
            const row = window.subarray(line * samples, (line + 1) * samples);
            expect(Buffer.compare(row, whole.subarray(at, at + samples))).toBe(0);
          }
        },
      ),
      { numRuns: 40 },
    );
    await image.close();
  });
});

describe('the pointer to the pixels', () => {
  const pixels = new Uint8Array(Int16Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).buffer);
  const expected = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

  it.each([
    ['a record', '2'],
    ['a byte', '1001 <BYTES>'],
    ['a record of the file itself by name', '("a.img", 2)'],
    ['a byte of the file itself by name', '("A.IMG", 1001 <BYTES>)'],
  ])('may be %s', async (_, pointer) => {
    expect(await numbers('A.IMG', product(label({}, { '^IMAGE': pointer }), pixels))).toEqual(expected);
  });

  it('is put right where it points into the label, by the end of the file', async () => {
    const text = label({}, { '^IMAGE': '200 <BYTES>' });
    expect(await numbers('A.IMG', product(text, pixels))).toEqual(expected);
    const tight = Buffer.concat([Buffer.from(text), pixels]);
    expect(await numbers('A.IMG', tight)).toEqual(expected);
  });

  it('is not believed where it and the file contradict each other', async () => {
    const more = Uint8Array.from([...pixels, ...pixels]);
    const inside = await refusal(await put('A.IMG', product(label({}, { '^IMAGE': '200 <BYTES>' }), more)));
    expect(inside.code).toBe('label');
    expect(inside.message).toMatch(/\^IMAGE in the label of A\.IMG points to byte 199, inside the label/);
    const padding = await refusal(
      await put('A.IMG', product(label({}, { '^IMAGE': '900 <BYTES>' }), pixels)),
    );
    expect(padding.message).toMatch(/points to byte 899, but padding reaches to byte 1000/);
  });

  it('leaves alone what comes behind the pixels', async () => {
    const more = Uint8Array.from([...pixels, 9, 9, 9]);
    expect(await numbers('A.IMG', product(label(), more))).toEqual(expected);
  });
});

describe('a label beside', () => {
  const pixels = new Uint8Array(Int16Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).buffer);
  const bare = Buffer.concat([Buffer.alloc(6, 0x41), pixels]);
  const xml = (change: (text: string) => string = (text) => text): string =>
    change(`<?xml version="1.0"?><Product_Observational><Observation_Area><Target_Identification><name>MOON</name>
</Target_Identification></Observation_Area><File_Area_Observational><File><file_name>B.IMG</file_name><file_size unit="byte">30</file_size>
</File><Array_2D_Image><offset unit="byte">6</offset><axes>2</axes><axis_index_order>Last Index Fastest</axis_index_order>
<Element_Array><data_type>SignedLSB2</data_type></Element_Array>
<Axis_Array><axis_name>Line</axis_name><elements>3</elements><sequence_number>1</sequence_number></Axis_Array>
<Axis_Array><axis_name>Sample</axis_name><elements>4</elements><sequence_number>2</sequence_number></Axis_Array>
</Array_2D_Image></File_Area_Observational></Product_Observational>`);

  async function open(folderName: string, files: Record<string, string | Uint8Array>): Promise<number[]> {
    for (const [name, data] of Object.entries(files)) await put(`${folderName}/${name}`, data);
    const image = await openRaster(join(folder, folderName, 'B.IMG'));
    try {
      expect([image.info.width, image.info.height]).toEqual([4, 3]);
      return [...(await image.window(0, 0, 4, 3))];
    } finally {
      await image.close();
    }
  }

  it('tells where the pixels of a bare file are: PDS3 and PDS4 alike', async () => {
    const lbl = label({}, { '^IMAGE': '("B.IMG", 7 <BYTES>)' });
    const attached = Buffer.concat([
      Buffer.from(label({}, { '^IMAGE': '1001 <BYTES>' }).padEnd(1000)),
      pixels,
    ]);
    const grey = await open('attached', { 'B.IMG': attached });
    expect(await open('pds3', { 'B.IMG': bare, 'B.LBL': lbl })).toEqual(grey);
    expect(await open('pds4', { 'B.IMG': bare, 'B.xml': xml() })).toEqual(grey);
  });

  it('of another file does not hide the right one', async () => {
    const lbl = label({}, { '^IMAGE': '("B.IMG", 7 <BYTES>)' });
    const foreign = xml((text) => text.replace('B.IMG', 'C.IMG'));
    expect(await open('two', { 'B.IMG': bare, 'B.LBL': lbl, 'B.xml': foreign })).toHaveLength(12);
  });

  it('of a file that is none of both is asked for', async () => {
    const error = await refusal(await put('none/B.IMG', bare));
    expect(error.message).toBe(
      'B.IMG has no label that says what its bytes mean; put its label B.xml or B.LBL beside it.',
    );
  });

  it.each([
    ['another file', (text: string) => text.replace('B.IMG', 'C.IMG'), /B\.xml describes C\.IMG, not B\.IMG/],
    [
      'another size',
      (text: string) => text.replace('>30<', '>31<'),
      /B\.IMG holds 30 bytes and not the 31 that B\.xml says/,
    ],
    [
      'more lines',
      (text: string) => text.replace('>3<', '>4<'),
      /B\.IMG is truncated: .* 4 lines of 4 samples/,
    ],
    ['an unknown type', (text: string) => text.replace('SignedLSB2', 'ComplexLSB8'), /data_type ComplexLSB8/],
    ['three axes', (text: string) => text.replace('>Line<', '>Band<'), /axes are not Line and Sample/],
    [
      'no image',
      (text: string) => text.replaceAll('Array_2D_Image', 'Array_3D_Image'),
      /B\.xml is a PDS4 label without Array_2D_Image/,
    ],
    ['half of itself', (text: string) => text.slice(0, 500), /The label of B\.xml is damaged/],
    ['Mars', (text: string) => text.replace('MOON', 'MARS'), /B\.IMG is an image of MARS/],
  ])('that describes %s is refused', async (name, change, sentence) => {
    await put(`${name}/B.IMG`, bare);
    await put(`${name}/B.xml`, xml(change));
    expect((await refusal(join(folder, name, 'B.IMG'))).message).toMatch(sentence);
  });

  it.each([
    ['lines', '>3<', '>2<', /the number of lines is 3 by its own and 2 by B\.xml/],
    ['offset', '>6<', '>8<', /the first byte of the image is 1000 by its own and 8 by B\.xml/],
    ['file size', '>1024<', '>1025<', /B\.IMG holds 1024 bytes and not the 1025/],
  ])('contradicting the attached one in %s is refused', async (name, from, to, sentence) => {
    const good = xml((text) => text.replace('>30<', '>1024<'));
    const path = `cross-${name}`;
    await put(`${path}/B.IMG`, product(label(), pixels));
    await put(`${path}/B.xml`, good.replace('>6<', '>1000<'));
    await (await openRaster(join(folder, path, 'B.IMG'))).close();
    await put(
      `${path}/B.xml`,
      name === 'offset' ? good.replace('>6<', to) : good.replace('>6<', '>1000<').replace(from, to),
    );
    expect((await refusal(join(folder, path, 'B.IMG'))).message).toMatch(sentence);
  });
});

describe('an image that cannot be read is refused with one sentence', () => {
  const pixels = new Uint8Array(24);
  it.each([
    [
      'truncated',
      product(label(), pixels.subarray(1)),
      'truncated',
      /3 lines of 4 samples that end at byte 1024, and it holds 1023 bytes/,
    ],
    ['label only', product(label(), []), 'truncated', /holds 1000 bytes/],
    ['no pointer', product(label({}, { '^IMAGE': null }), pixels), 'label', /without \^IMAGE/],
    [
      'no image',
      product(label().replaceAll('IMAGE\r', 'TABLE\r'), pixels),
      'label',
      /without OBJECT = IMAGE/,
    ],
    ['bits', product(label({ SAMPLE_BITS: 12 }), pixels), 'unsupported_samples', /SAMPLE_BITS = 12/],
    [
      'type',
      product(label({ SAMPLE_TYPE: 'VAX_REAL', SAMPLE_BITS: 32 }), pixels),
      'unsupported_samples',
      /SAMPLE_TYPE = VAX_REAL/,
    ],
    [
      'no type',
      product(label({ SAMPLE_TYPE: null }), pixels),
      'unsupported_samples',
      /SAMPLE_TYPE = \(none\)/,
    ],
    [
      'prefix',
      product(label({ LINE_PREFIX_BYTES: 4 }), pixels),
      'unsupported_layout',
      /LINE_PREFIX_BYTES = 4/,
    ],
    [
      'suffix',
      product(label({ LINE_SUFFIX_BYTES: 2 }), pixels),
      'unsupported_layout',
      /LINE_SUFFIX_BYTES = 2/,
    ],
    ['bands', product(label({ BANDS: 3 }), pixels), 'unsupported_layout', /BANDS = 3/],
    [
      'encoded',
      product(label({ ENCODING_TYPE: '"HUFFMAN"' }), pixels),
      'unsupported_layout',
      /ENCODING_TYPE = HUFFMAN/,
    ],
    ['target', product(label({}, { TARGET_NAME: '"MARS"' }), pixels), 'wrong_body', /image of MARS/],
    ['lines', product(label({ LINES: 0 }), pixels), 'label', /LINES = 0 is no number of at least 1/],
    ['samples', product(label({ LINE_SAMPLES: 1e9 }), pixels), 'too_large', /claims 1000000000 x 3 pixels/],
    ['no lines', product(label({ LINES: null }), pixels), 'label', /LINES is missing/],
    ['no record', product(label({}, { RECORD_BYTES: null }), pixels), 'label', /RECORD_BYTES is missing/],
    ['factor', product(label({ SCALING_FACTOR: 0 }), pixels), 'label', /SCALING_FACTOR = 0/],
    ['special', product(label({ NULL: 'nothing' }), pixels), 'label', /special value nothing is no number/],
    [
      'specials',
      product(label({ NULL: `(${Array.from({ length: 65 }, (_, i) => i).join(',')})` }), pixels),
      'label',
      /names 65 special values, more than the 64 that are read/,
    ],
    [
      'terms',
      product(label({ SAMPLE_BITS: 8 }, { 'LRO:COMPAND_CODE': 0 }), pixels),
      'label',
      /LRO:XTERM, LRO:MTERM and LRO:BTERM/,
    ],
    [
      'no END',
      product(
        label()
          .replace('END\r\n', '')
          .replace(/END\r\n$/, ''),
        [],
      ),
      'label',
      /damaged: .* at line \d+; fetch the file again/,
    ],
    ['quote', product(label({}, { NOTE: '"open' }), pixels), 'label', /damaged/],
    [
      'another file',
      product(label({}, { '^IMAGE': '("X.IMG", 2)' }), pixels),
      'label',
      /give the image that it describes, X\.IMG/,
    ],
    [
      'never ends',
      Buffer.from('PDS_VERSION_ID = PDS3\r\n'.padEnd(600_000, 'A = 1\r\n')),
      'label',
      /does not end within 262144 bytes/,
    ],
    ['nothing', new Uint8Array(0), 'empty', /is empty/],
  ])('%s', async (name, data, code, sentence) => {
    const error = await refusal(await put(`refused/${name}/A.IMG`, data));
    expect([error.message, error.code]).toEqual([expect.stringMatching(sentence), code]);
    expect(error.message).toMatch(/^[^\n]*A\.IMG[^\n]*\.$/);
  });

  it('that names no target, or is by no NAC, is read', async () => {
    const path = await put(
      'other/A.IMG',
      product(label({}, { TARGET_NAME: null, INSTRUMENT_ID: 'TC' }), pixels),
    );
    await (await openRaster(path)).close();
  });

  const whole = hasReal
    ? [real('nacl.img'), real('M119212462LE_EDR_original_label.pvl')]
    : [product(label(), pixels)];
  it('however it is damaged: pixels or a refusal, soon and in little memory', async () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 });
    const xml = hasReal ? real('nac.m1271742202lc_cdr.xml') : Buffer.from('');
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        changes,
        fc.option(fc.nat()),
        fc.boolean(),
        async (from, wrong, cut, inXml) => {
          const bytes = Buffer.from(whole[from]!);
          const beside = Buffer.from(xml);
          const damaged = inXml ? beside : bytes;
          for (const [at, value] of wrong) damaged[at % Math.min(damaged.length, 14_000)] = value;
          const data = cut === null || inXml ? bytes : bytes.subarray(0, cut % bytes.length);
          const source = {
            ...bytesInMemory('M1271742202LC.IMG', inXml ? new Uint8Array(9000) : data),
            close: () => Promise.resolve(),
          };
          const started = performance.now();
          try {
            const { layout } = await findLayout(source, [
              { name: 'M1271742202LC.xml', text: beside.toString('latin1') },
            ]);
            sampleDecoder(layout);
            expect(layout.offset + layout.width * layout.height).toBeLessThanOrEqual(source.size);
          } catch (error) {
            if (!(error instanceof RangeError)) expect(error).toBeInstanceOf(InvalidProductError);
          }
          expect(performance.now() - started).toBeLessThan(3000);
        },
      ),
      { numRuns: 600 },
    );
  });

  it('also through the opening of files', async () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), changes, fc.option(fc.nat()), async (from, wrong, cut) => {
        const bytes = Buffer.from(whole[from]!);
        for (const [at, value] of wrong) bytes[at % Math.min(bytes.length, 4000)] = value;
        const path = await put('fuzz/A.IMG', cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
        try {
          const image = await openRaster(path);
          try {
            const { width, height } = image.info;
            await image.window(0, 0, Math.min(width, 300), Math.min(height, 300));
          } finally {
            await image.close();
          }
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidProductError);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('without slowing down on a hostile one', async () => {
    const hostile = [
      'PDS_VERSION_ID = PDS3\n' + '\n'.repeat(260_000),
      'PDS_VERSION_ID = PDS3\n' + '/*'.repeat(130_000),
      'PDS_VERSION_ID = ' + '('.repeat(260_000),
      'PDS_VERSION_ID = PDS3\n' + 'OBJECT = A\n'.repeat(23_000),
      'PDS_VERSION_ID = PDS3\n' + 'A = "'.repeat(52_000),
      'PDS_VERSION_ID = ' + '<'.repeat(260_000),
    ];
    for (const text of hostile) {
      const started = performance.now();
      expect((await refusal(await put('hostile.IMG', text))).code).toBe('label');
      expect(performance.now() - started).toBeLessThan(3000);
    }
  });
});
