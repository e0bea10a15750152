import type { ByteSource } from '../../domain/bytes.js';
import type { RasterSource, StretchRule } from '../../domain/raster.js';
import type { LabelFile } from '../../domain/label-files.js';
import { refuse } from '../faults.js';
import type { SampleReader } from '../sample-reader.js';
import { stretchedRaster } from '../wide-raster.js';
import { findLayout } from './find-layout.js';
import type { ImageLayout } from './image-layout.js';
import { imgSource } from './img-source.js';
import { damagedLabel } from './label-faults.js';
import { sampleDecoder } from './sample-decoder.js';

/** Special values that samples are compared with, above what any label names. */
const MOST_SPECIALS = 64;

/**
 * Opens an image product of the archive, `.IMG`: raw (EDR, 8-bit companded, taken back to 12 bits) or
 * calibrated (CDR, 16-bit I/F or 32-bit radiance), and any other uncompressed image of one band with a PDS3 or
 * PDS4 label. Lines and samples are left in the file's order, which is the camera's.
 *
 * Calibrated samples name their missing values one by one. Raw ones do not: lost packets are zeros, but a
 * detector whose signal was below its range also gives zeros, so they are told apart by their shape.
 *
 * @param bytes closed with the raster
 * @param beside the labels that lie beside it
 * @throws InvalidProductError with one sentence that names file, field and remedy
 */
export async function openImg(
  bytes: ByteSource,
  beside: readonly LabelFile[],
  rule: StretchRule,
): Promise<RasterSource> {
  const { layout, label } = await findLayout(bytes, beside);
  const reader = readerOf(layout, bytes.name);
  const raster = await stretchedRaster(imgSource(bytes, layout, reader, describe(layout, label)), rule);
  return layout.sample === 'u8' ? { ...raster, info: { ...raster.info, exactNulls: false } } : raster;
}

function readerOf(layout: ImageLayout, name: string): SampleReader {
  const { noData, saturatedLow, saturatedHigh } = layout.special;
  const specials = noData.length + saturatedLow.length + saturatedHigh.length;
  if (specials > MOST_SPECIALS) {
    throw refuse(
      'label',
      `The label of ${name} names ${specials} special values, more than the ${MOST_SPECIALS} that are read; fetch the file again.`,
    );
  }
  try {
    return sampleDecoder(layout);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw damagedLabel(name, `its special value ${error.message}`, error);
  }
}

/** e.g. `PDS3 image, 8-bit companded` or `PDS4 image, i16le`. */
function describe({ sample, compand }: ImageLayout, label: string): string {
  return `${label} image, ${compand === null ? sample : '8-bit companded'}`;
}
