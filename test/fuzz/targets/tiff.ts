import { writeArrayBuffer } from 'geotiff';
import sharp, { type TiffOptions } from 'sharp';
import { bytesInMemory } from '../../../src/raster/byte-source.js';
import { openRaster } from '../../../src/raster/open-raster.js';
import { texture } from '../../raster/images.js';
import { mutateBytes, pick, type Span } from '../support/mutate.js';
import { readBothWays } from '../support/raster-checks.js';
import { realFiles } from '../support/samples.js';
import { expectThat, type Reader, type Outcome, type Prepared } from '../support/target.js';

const [WIDTH, HEIGHT] = [53, 47];
const DIRECTORY_BYTES = 330;
/** libvips may give another level where it converts a photometric interpretation. */
const MOST_APART = 1;

/** Every kind of TIFF that is read, small: strips and tiles, pyramids, BigTIFF, all compressions and samples. */
export const tiff: Reader = {
  async prepare(): Promise<Prepared> {
    const samples = (await smallTiffs()).concat(realFiles('nac/M143947267L_crop400_float32.tif'));
    const hot = samples.map(directories);
    return {
      input(random) {
        const which = random.integer(random.uniform() < 0.02 ? samples.length : Math.min(samples.length, 14));
        const sample = samples[which]!;
        const splice = random.uniform() < 0.03 ? [pick(random, samples).subarray(0, 400)] : [];
        return mutateBytes(random, sample, {
          hot: hot[which]!,
          tokens: ['II*\0', 'MM\0*', 'II+\0', '\x00\x01', '\xff\xff\xff\xff', '\x01\x01\x04\x00', ...splice],
        });
      },
      async run(input): Promise<Outcome> {
        const image = await openRaster(bytesInMemory('/nowhere/fuzz.tif', input));
        try {
          const grey = await readBothWays(image);
          await compareWithLibvips(input, image.info, grey);
        } finally {
          await image.close();
        }
        return 'accepted';
      },
    };
  },
};

async function smallTiffs(): Promise<Buffer[]> {
  const data = texture(WIDTH, HEIGHT);
  const grey = () => sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } }).toColourspace('b-w');
  const forms: TiffOptions[] = [
    { compression: 'none' },
    { compression: 'none', bigtiff: true },
    { compression: 'none', tile: true, tileWidth: 16, tileHeight: 16 },
    { compression: 'deflate', predictor: 'horizontal' },
    { compression: 'deflate', tile: true, tileWidth: 32, tileHeight: 16, pyramid: true },
    { compression: 'lzw', predictor: 'none' },
    { compression: 'lzw', predictor: 'horizontal', tile: true, tileWidth: 32, tileHeight: 32, bigtiff: true },
    { compression: 'packbits' },
    { compression: 'jpeg', quality: 80, tile: true, tileWidth: 32, tileHeight: 32, pyramid: true },
    { compression: 'jpeg', quality: 80 },
  ];
  const colour = sharp(await grey().png().toBuffer()).toColourspace('srgb');
  return [
    ...(await Promise.all(forms.map((form) => grey().tiff(form).toBuffer()))),
    await colour.clone().tiff({ compression: 'deflate' }).toBuffer(),
    await colour.clone().tiff({ compression: 'jpeg', tile: true, tileWidth: 32, tileHeight: 32 }).toBuffer(),
    Buffer.from(writeArrayBuffer(new Uint16Array(data), { width: WIDTH, height: HEIGHT })),
    Buffer.from(
      writeArrayBuffer(
        Float32Array.from(data, (v) => v / 255),
        { width: WIDTH, height: HEIGHT },
      ),
    ),
  ];
}

/** Header and every directory of a sample, where a wrong byte is felt. */
function directories(tiff: Buffer): Span[] {
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const big = (little ? tiff.readUInt16LE(2) : tiff.readUInt16BE(2)) === 43;
  const at = big ? 8 : 4;
  const first = little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(big ? at + 4 : at);
  return [
    [0, 16],
    [first, Math.min(tiff.length, first + DIRECTORY_BYTES)],
    [first, Math.min(tiff.length, first + DIRECTORY_BYTES)],
  ];
}

/** A second reader: where libvips takes a one-band image of 8 bits without a word, it must see the same. */
async function compareWithLibvips(
  input: Buffer,
  info: { width: number; height: number; format: string; exactNulls: boolean },
  grey: Uint8Array,
): Promise<void> {
  if (info.exactNulls || / u?int| float/.test(info.format) || grey.length !== info.width * info.height)
    return;
  const read = sharp(input, { failOn: 'warning', ignoreIcc: true, page: 0 });
  const meta = await read.metadata().catch(() => null);
  if (meta === null || meta.channels !== 1 || (meta.pages ?? 1) > 1 || meta.depth !== 'uchar') return;
  const theirs = await read
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(() => null);
  if (theirs === null || theirs.info.channels !== 1) return;
  expectThat(
    theirs.info.width === info.width && theirs.info.height === info.height,
    () =>
      `${info.width} x ${info.height} pixels where libvips sees ${theirs.info.width} x ${theirs.info.height}`,
  );
  const wrong = grey.findIndex((level, i) => Math.abs(level - theirs.data[i]!) > MOST_APART);
  expectThat(
    wrong < 0,
    () => `pixel ${wrong} is ${grey[wrong]} where libvips sees ${theirs.data[wrong]} (${info.format})`,
  );
}
