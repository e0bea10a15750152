import { imageIdOf } from '../../domain/image-id.js';
import type { IsdFacts } from '../../domain/isd-facts.js';
import type { Product } from '../../domain/product.js';
import { DATA_SET_IDS } from '../data-set.js';
import { timeOfId } from '../index/product-time.js';
import type { ImageFile } from './catalogue.js';
import type { ImageLabel } from './image-label.js';
import { pathOf } from './walk-folder.js';

/** Size of an image, pixels. */
export interface LinesAndSamples {
  readonly lines: number;
  readonly samples: number;
}

/** Version of a product whose label and row do not tell it. */
const NO_VERSION = 'unknown';
const VOLUME = /(?:^|\/)(LROLRC_\d{4}[ABC]?)(?:\/|$)/i;

/** The product of an image with its index row. */
export function productOfRow(file: ImageFile, row: Product, rowHash: string): Product {
  return { ...row, ...namesOf(file), rowHash };
}

/** The product of an image that a camera model alone places: what neither it nor the label tells is NaN. */
export function productOfIsd(
  file: ImageFile,
  size: LinesAndSamples,
  label: ImageLabel,
  facts: IsdFacts,
  rowHash: string,
): Product {
  return {
    ...namesOf(file),
    ...size,
    ...facts,
    version: label.version ?? NO_VERSION,
    volumeId: VOLUME.exec(file.dir)?.[1]?.toUpperCase() ?? '',
    startTime: label.startTime ?? orByNumber(facts.startTime, file.productId),
    stopTime: label.stopTime ?? orByNumber(facts.stopTime, file.productId),
    orbit: label.orbit,
    resolutionM: (facts.pixelWidthM + facts.pixelHeightM) / 2,
    northAzimuthDeg: NaN,
    subSolarAzimuthDeg: NaN,
    flightDirection: '',
    dataQuality: NaN,
    rowHash,
  };
}

function namesOf(
  file: ImageFile,
): Pick<Product, 'productId' | 'imageId' | 'dataSetId' | 'fileSpecification' | 'frame'> {
  const { productId } = file;
  return {
    productId,
    imageId: imageIdOf(productId),
    dataSetId: DATA_SET_IDS[productId.endsWith('C') ? 'cdr' : 'edr'],
    fileSpecification: pathOf(file),
    frame: productId.at(-2) === 'L' ? 'LEFT' : 'RIGHT',
  };
}

function orByNumber(time: Date, productId: string): Date {
  return Number.isNaN(time.getTime()) ? timeOfId(productId) : time;
}
