import { z } from 'zod';
import { integer, key, number } from '../key.js';

/** What a template of camera models may hold of a product. */
const ISD_PLACEHOLDERS = ['{product_id}', '{image_id}', '{volume_id}', '{day}'];

/**
 * Of the web, without a user or password, which node-fetch takes none of, and without a query, which a path could
 * not follow: what an address like these holds is logged and stored.
 */
const webAddress = () =>
  z.url({ protocol: /^https?$/ }).refine((text) => {
    if (!URL.canParse(text)) return true;
    const { username, password, search, hash } = new URL(text);
    return username + password + search + hash === '';
  }, 'an address without user, password, query and fragment');

/** Where new products come from, which of them are scanned, how they are fetched. */
export const archive = z.strictObject({
  source: key(z.enum(['index', 'ode', 'folder']).default('index'), {
    description:
      'Where new products come from: the volume index of the archive, the ODE REST service (images still come from archive.urls), or a folder (a mirror on disk, an object store mount).',
  }),
  urls: key(z.array(webAddress()).min(1).default(['https://pds.lroc.im-ldi.com/data/']), {
    description: 'Base URLs of the archive, tried in order; FILE_SPECIFICATION_NAME follows them.',
  }),
  dataset: key(z.enum(['cdr', 'edr']).default('cdr'), {
    description: 'Data set to watch: calibrated (cdr, as in the paper) or raw (edr). One per deployment.',
  }),
  ode: key(webAddress().default('https://oderest.rsl.wustl.edu/live2/'), {
    description: 'Address of the ODE REST service, asked where archive.source is ode.',
  }),
  folder: key(z.string().default(''), {
    description: 'Folder that is watched for images where archive.source is folder.',
  }),
  settle_s: key(number(0, 86_400, 10), {
    description: 'A file in archive.folder is taken once it did not change for so long.',
    unit: 's',
  }),
  contact: key(
    z
      .string()
      .regex(/^[\x20-\x7e]*$/, 'printable ASCII, as an HTTP header takes it')
      .default(''),
    {
      description:
        'Address by which the archive can reach you, for the User-Agent, e.g. mailto:operator@observatory.example.',
    },
  ),
  connections: key(integer(1, 16, 1), {
    description: 'Connections to one host at a time, of all workers together.',
  }),
  spacing_ms: key(integer(0, 600_000, 1000), {
    description:
      'Pause between two requests to one host, of all workers together: from the end of one to the start of the next, with several connections between their starts.',
    unit: 'ms',
  }),
  timeout_s: key(integer(1, 3600, 60), {
    description: 'An answer that stalls this long, or brings less than 4 kB/s over this time, is given up.',
    unit: 's',
  }),
  retries: key(integer(0, 20, 4), { description: 'Retries of one request after passing trouble.' }),
  breaker_failures: key(integer(1, 1000, 5), {
    description: 'Requests to a host that fail one after the other until nobody asks it for a while.',
  }),
  breaker_s: key(number(0, 86_400, 300), {
    description: 'How long such a host is left alone before one request tries it again; doubled each time.',
    unit: 's',
  }),
  poll_minutes: key(number(0.01, 35_000, 720), {
    description: 'Time between two polls; the archive releases a month at a time, so twice a day is plenty.',
    unit: 'min',
  }),
  max_incidence: key(number(0, 180, 80), {
    description: 'Images with a larger incidence angle are skipped: night and terminator are noise.',
    unit: 'deg',
  }),
  max_emission: key(number(0, 90, 45), {
    description: 'Images with a larger emission angle are skipped: oblique views place badly.',
    unit: 'deg',
  }),
  max_resolution: key(number(0.1, 100, 2), { description: 'Coarser images are skipped.', unit: 'm/px' }),
  min_lines: key(integer(64, 52_224, 1025), {
    description: 'Shorter images are skipped; 1024-line stubs are calibration frames.',
    unit: 'lines',
  }),
  summed: key(z.boolean().default(false), { description: 'Scan summed images (2532 samples) too.' }),
  reject_quality: key(z.array(z.int().min(1).max(8)).default([4, 5]), {
    description:
      'Bits of DATA_QUALITY_ID, numbered from 1, whose images are skipped: 1 temperature, 2 saturated, 3 under-saturated, 4 missing telemetry, 5 bad SPICE (misplaced), 6 bad observation data.',
  }),
  area: key(
    z
      .array(z.number().min(-180).max(360))
      .refine((box) => box.length === 0 || box.length === 4, 'four numbers, or none')
      .refine(
        ([, south = -90, , north = 90]) => south >= -90 && south <= north && north <= 90,
        'latitudes within -90..90, south before north',
      )
      .default([]),
    {
      description:
        'Images whose footprint does not meet this box are skipped: [west, south, east, north]; west > east crosses 180 deg; empty = the whole Moon.',
      unit: 'deg',
    },
  ),
  image: key(z.enum(['ptif', 'img']).default('ptif'), {
    description:
      'File that is scanned: the pyramidal TIFF (8-bit, about 35 MB), or the .IMG of the data set (up to 530 MB).',
  }),
  isd: key(
    z
      .string()
      .regex(
        /^(?:$|https?:\/\/|file:\/\/\/)/,
        'an address that begins with https://, http:// or file:///, or none',
      )
      .refine(
        (template) =>
          (template.match(/\{\w*\}|[{}]/g) ?? []).every((part) => ISD_PLACEHOLDERS.includes(part)),
        `of placeholders only ${ISD_PLACEHOLDERS.join(', ')}`,
      )
      .default(''),
    {
      description:
        'Where the camera model (ISD, JSON as ALE writes it) of an image is, e.g. https://isd.example/{image_id}_isd.json or file:///data/isd/{product_id}.json; placeholders {product_id}, {image_id}, {volume_id} and {day} (year and day of year of its start, as 2010123). An image without one, or whose one cannot be used, is placed by its corners. Empty = none is asked for.',
    },
  ),
  fallback_h: key(number(-1, 87_600, 24), {
    description:
      'A product whose file is not there this long after it was announced is read from the other one (.IMG for the TIFF, the TIFF for .IMG); -1 = never.',
    unit: 'h',
  }),
  access: key(z.enum(['download', 'range']).default('download'), {
    description:
      'How images are read: downloaded to a file first, verified and resumed where the line breaks; or by byte ranges, with nothing on disk and the checksum that the archive states.',
  }),
  download_dir: key(z.string().default(''), {
    description: 'Where images are kept while they are scanned; empty = the system temp folder.',
  }),
  disk_mb: key(integer(0, 100_000_000, 4096), {
    description:
      'Most that images in archive.download_dir may take, of all processes that use it; a download waits for room. 0 = no limit.',
    unit: 'MB',
  }),
  max_mb: key(integer(1, 100_000, 4096), {
    description: 'Largest image that is downloaded where its size is not told beforehand.',
    unit: 'MB',
  }),
});
