import { z } from 'zod';

/**
 * What a key says of itself beside its type and default. `results` marks keys that change detections: only
 * those enter the config hash of a scan.
 */
export interface KeyMeta {
  readonly description: string;
  readonly unit?: string;
  readonly results?: true;
  /** Never logged or printed; may be given as a file by `…_FILE`. */
  readonly secret?: true;
}

const meta = z.registry<KeyMeta>();

/** The description of a key's schema. */
export function metaOf(key: z.ZodType): KeyMeta {
  return meta.get(key) ?? { description: '' };
}

function key<T extends z.ZodType>(type: T, about: KeyMeta): T {
  meta.add(type, about);
  return type;
}

const integer = (low: number, high: number, value: number) => z.int().min(low).max(high).default(value);
const number = (low: number, high: number, value: number) => z.number().min(low).max(high).default(value);

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

const archive = z.strictObject({
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
    description: 'An answer that stalls this long is given up.',
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

const tiling = z.strictObject({
  size: key(z.literal(64).default(64), {
    description: 'Side of a tile; the model fixes it.',
    unit: 'px',
    results: true,
  }),
  stride_x: key(integer(8, 64, 32), {
    description: 'Horizontal step between tiles.',
    unit: 'px',
    results: true,
  }),
  stride_y: key(integer(8, 64, 32), {
    description: 'Vertical step between tiles.',
    unit: 'px',
    results: true,
  }),
  nodata_share: key(number(0, 1, 0.05), {
    description: 'Share of detector and null pixels above which a tile is masked.',
    results: true,
  }),
  extreme_share: key(number(0, 1, 0.75), {
    description: 'Share of saturated, or of fully shadowed, pixels above which a tile is masked.',
    results: true,
  }),
  shadow_level: key(integer(0, 64, 2), {
    description: 'Pixels up to this value are full shadow.',
    unit: 'DN',
    results: true,
  }),
});

const scoring = z.strictObject({
  mode: key(z.enum(['auto', 'exact', 'full', 'cascade']).default('auto'), {
    description:
      'How tiles are scored: exact (all in fp32), full (each in int8 or bf16, in fp32 where it may decide), cascade (the autoencoder only where it may decide); auto = the fastest that the model and the engine have. Detections are the same in all of them, the score map is not.',
  }),
  engine: key(z.enum(['auto', 'onnx', 'onnx-webgpu', 'openvino', 'tensorflow']).default('auto'), {
    description:
      'What scores: onnx (onnxruntime on the CPU, nothing to install), onnx-webgpu (onnxruntime by Vulkan, Metal or Direct3D 12), tensorflow (built by npm run engine:tensorflow), openvino (on the CPU, brought in by npm run engine:openvino). auto = a GPU by tensorflow or onnx-webgpu where one is at work, else openvino where it is installed and the CPU has bfloat16, else onnx.',
  }),
  device: key(z.enum(['auto', 'cpu', 'gpu']).default('auto'), {
    description:
      'Where it scores; with gpu it is an error at start when no GPU is at work. With auto the CPU takes over from a GPU that fails.',
  }),
  workers: key(integer(0, 256, 0), {
    description: 'Scoring threads; 0 = one per core, on a GPU four at most. onnx-webgpu has one.',
  }),
  batch: key(integer(1, 1024, 32), { description: 'Tiles per call of the network.' }),
  strip_rows: key(integer(1, 64, 12), {
    description: 'Rows of tiles per strip: memory grows with it, results do not.',
  }),
});

const detection = z.strictObject({
  threshold: key(number(0, 100, 2.5), {
    description:
      'Robust standard deviations of the raw score above the median from which a tile is a candidate.',
    results: true,
  }),
  budget: key(integer(1, 10_000, 50), { description: 'Most detections kept of one image.', results: true }),
  merge_radius: key(number(0, 64, 12), {
    description: 'Candidates of overlapping tiles whose peaks lie this near are one object.',
    unit: 'px',
    results: true,
  }),
});

const drift = z.strictObject({
  scans: key(integer(1, 10_000, 20), {
    description:
      'Newest scans that are compared with what their calibration was learnt on; with fewer there is no alarm.',
    unit: 'scans',
  }),
  threshold: key(number(0, 100, 0.7), {
    description:
      'Population stability index of brightness, contrast or score above which the log warns and the alarm metric is 1.',
  }),
});

const geo = z.strictObject({
  dem: key(z.string().default(''), {
    description:
      'GeoTIFF with heights over the lunar sphere (LOLA, SLDEM2015 …; degrees, equirectangular or polar stereographic) on which pixels are placed; where it has none, and when empty, they are placed on the sphere.',
    results: true,
  }),
  dem_sigma_m: key(number(0, 5000, 10), {
    description: 'Standard deviation of the error of geo.dem, which enters the uncertainty of places.',
    unit: 'm',
    results: true,
  }),
  dem_scale: key(number(0.000001, 1_000_000, 1), {
    description:
      'Metres for each unit of height in geo.dem, beside the scale and unit that it names itself; 1000 for kilometres that it does not name.',
    results: true,
  }),
});

const model = z.strictObject({
  path: key(z.string().default(''), {
    description: 'Model folder to scan with and to activate when none is; empty = the shipped starter.',
  }),
});

const database = z.strictObject({
  url: key(z.string().default(''), {
    description: 'postgres:// address of the PostGIS database. DATABASE_URL is read too.',
    secret: true,
  }),
  pool: key(integer(1, 100, 5), { description: 'Connections at most.' }),
});

const queue = z.strictObject({
  images: key(integer(1, 64, 1), { description: 'Images scanned at the same time by this process.' }),
  ahead: key(integer(0, 16, 1), {
    description: 'Images fetched ahead while others are scanned.',
  }),
  confirm: key(integer(0, 100_000_000, 1000), {
    description: 'backfill asks before it queues more images than this.',
    unit: 'images',
  }),
  lease_s: key(integer(5, 86_400, 300), {
    description: 'A claimed scan whose lease is not renewed is taken over.',
    unit: 's',
  }),
  attempts: key(integer(1, 100, 5), { description: 'Attempts before a scan is given up as failed.' }),
  retry_s: key(number(0, 86_400, 60), {
    description: 'First wait before another attempt; doubled each time.',
    unit: 's',
  }),
  missing_hours: key(number(0, 8760, 24), {
    description:
      'A product that is not there yet is asked again after this, or after a quarter of the time since it was announced, whichever is longer.',
    unit: 'h',
  }),
});

const sites = z.strictObject({
  every_s: key(number(0.05, 86_400, 10), {
    description: 'How often the site builder looks for scans that were committed.',
    unit: 's',
  }),
  radius: key(number(0.1, 10, 1.2), {
    description:
      'Detections of several images may be one place within so many combined 95 % radii of their places: 1.2 held all of 587 true pairs that were simulated, so that a place seen twenty times stays one site.',
  }),
  chance: key(number(0, 1, 0.01), {
    description:
      'Two detections are joined only where fewer false partners than this are expected within that distance, at the density of detections there.',
  }),
  register_light: key(number(0, 180, 45), {
    description:
      'Images are registered with one another where their Suns, as seen from the ground, are at most so far apart.',
    unit: 'deg',
  }),
  like_incidence: key(number(0, 90, 60), {
    description: 'Looks under like light have incidence angles below this.',
    unit: 'deg',
  }),
  like_difference: key(number(0, 90, 15), {
    description: 'And incidence angles that differ by no more than this.',
    unit: 'deg',
  }),
  like_azimuth: key(number(0, 180, 15), {
    description: 'And Suns whose azimuths on the ground differ by no more than this.',
    unit: 'deg',
  }),
  margin: key(number(0, 100, 2), {
    description:
      "A look saw nothing at a site where its highest score there lies this far below the site's sightings: 2 = a plain tile reaches it a hundred times as often.",
  }),
  change_score: key(number(0, 1000, 6), {
    description:
      'A site that one look alone shows is reported as a change from this score on: 6 = one plain tile in a million. Two looks that show it are enough at any score.',
  }),
  persistence: key(number(0, 1, 0.5), {
    description:
      'Share of the looks under like light, from the first sighting on, that must show a site; below it is transient.',
  }),
});

const http = z.strictObject({
  host: key(z.string().default('127.0.0.1'), { description: 'Address to listen on.' }),
  port: key(integer(0, 65_535, 8080), { description: 'Port to listen on; 0 = any free one.' }),
  token: key(z.string().default(''), {
    description: 'Bearer token that requests must carry; needed to listen on anything but the loopback.',
    secret: true,
  }),
  rate: key(integer(0, 10_000_000, 6000), {
    description:
      'Requests that one client, told by its address, may make in a minute; more are answered by 429. Behind a proxy all are one client. 0 = no limit.',
    unit: 'requests/min',
  }),
  url: key(z.string().default(''), {
    description:
      'Address under which people reach the page, for links to it; requests that name its host are answered, too. Empty = the one listened on.',
  }),
  link_secret: key(z.string().default(''), {
    description:
      'Secret that signs links to the pictures of detections in alerts and map tips, which need no token; another one makes all earlier links invalid. Empty = one drawn by chance and kept in the database.',
    secret: true,
  }),
});

/** An address, or a range of them as CIDR. */
const addressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

const secretName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'names of letters, digits, _ and -');

/** From the environment it comes as text. */
const secretTable = z.preprocess(
  (given) => {
    if (typeof given !== 'string') return given;
    try {
      return JSON.parse(given) as unknown;
    } catch {
      return given;
    }
  },
  z.record(secretName, z.string()),
);

const alerts = z.strictObject({
  poll_s: key(number(0.1, 3600, 5), {
    description: 'How often the deliverer looks for what is to be sent.',
    unit: 's',
  }),
  timeout_s: key(number(0.5, 300, 10), {
    description: 'A receiver that does not take a message within this is tried again later.',
    unit: 's',
  }),
  retry_s: key(number(0.01, 86_400, 30), {
    description: 'First wait after a failed delivery; doubled each time, half of it by chance.',
    unit: 's',
  }),
  retry_max_s: key(number(0.01, 86_400, 3600), { description: 'Longest such wait.', unit: 's' }),
  attempts: key(integer(1, 10_000, 50), {
    description: 'Attempts after which a delivery is given up; `selenoscan alerts list --failed` shows it.',
  }),
  expire_h: key(number(0.01, 8760, 72), {
    description: 'Age at which a delivery that fails is given up.',
    unit: 'h',
  }),
  receivers: key(integer(1, 1000, 16), {
    description: 'Receivers served at the same time; each gets one message after the other.',
  }),
  private: key(z.array(addressRange).default([]), {
    description:
      'Private, loopback or otherwise reserved addresses that webhooks may go to all the same, as addresses or CIDR ranges, e.g. ["10.2.0.0/16", "127.0.0.1"]. Empty = none.',
  }),
  secrets: key(secretTable.default({}), {
    description:
      'Secrets that the targets of rules name: signing keys of webhooks, addresses of Slack webhooks; as {NAME: value}, in the environment as JSON.',
    secret: true,
  }),
  secrets_dir: key(z.string().default(''), {
    description:
      'Folder with one file for each secret, named as it, e.g. /run/secrets; read whenever it is needed. Empty = none.',
  }),
  smtp_host: key(z.string().default(''), {
    description: 'Mail server that e-mail is sent by. Empty = none.',
  }),
  smtp_port: key(integer(1, 65_535, 587), { description: 'Its port; 587 for STARTTLS, 465 for TLS.' }),
  smtp_tls: key(z.enum(['starttls', 'tls', 'none']).default('starttls'), {
    description:
      'How the connection to it is encrypted: starttls insists on STARTTLS, tls encrypts from the first byte, none sends in the open.',
  }),
  smtp_user: key(z.string().default(''), {
    description: 'User it knows this deployment by. Empty = no login.',
  }),
  smtp_password: key(z.string().default(''), { description: 'Password of that user.', secret: true }),
  smtp_from: key(z.string().default('selenoscan@localhost'), { description: 'Sender of the mails.' }),
  smtp_ca: key(z.string().default(''), {
    description: 'PEM file with certificates to trust in place of the system’s. Empty = the system’s.',
  }),
});

const basemap = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(['wms', 'wmts', 'xyz']),
  url: z.url({ protocol: /^https?$/ }),
  layer: z.string().optional(),
  crs: z.string().optional(),
  srid: z.literal([30100, 30110, 30115, 30130, 30135]).optional(),
  matrix: z.string().optional(),
  zoom: z.int().min(0).max(30).optional(),
  format: z.string().optional(),
  style: z.string().optional(),
});

const gis = z.strictObject({
  database: key(z.string().default(''), {
    description:
      'postgres:// address under which GIS users reach the database, for the QGIS project, e.g. postgres://selenoscan_read@moon.example/moon?sslmode=require; a password in it is left out. Empty = that of database.url without its user.',
  }),
  service: key(z.string().default(''), {
    description:
      'Entry of the pg_service.conf of GIS users that the QGIS project connects by, in place of an address.',
  }),
  authcfg: key(z.string().default(''), {
    description: "Id of an entry in QGIS's own store of authentications that the QGIS project signs in with.",
  }),
  basemaps: key(z.array(basemap).default([]), {
    description:
      'Map services that the QGIS project has behind its layers: name, kind (wms, wmts or xyz), url, and for wms and wmts layer, crs (as the server names it; EPSG:4326 by default, as many do for lunar degrees) and srid (what that is on the Moon; 30100 by default), for wmts matrix, for xyz zoom; e.g. [{name: LROC WAC, kind: wms, url: "https://maps.example/moon", layer: wac}].',
  }),
});

const retention = z.strictObject({
  chips_days: key(integer(0, 36_500, 365), {
    description:
      'selenoscan maintain removes pictures older than this of detections that nobody reviewed and that score below retention.chips_score; the detections stay. 0 = pictures are kept.',
    unit: 'days',
  }),
  chips_score: key(number(0, 1000, 5), {
    description: 'Pictures of detections that score at least so much are kept whatever their age.',
  }),
  alerts_days: key(integer(0, 36_500, 90), {
    description: 'selenoscan maintain removes alerts that were sent so long ago. 0 = they are kept.',
    unit: 'days',
  }),
});

const log = z.strictObject({
  level: key(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'), {
    description: 'Least level that is logged.',
  }),
});

/** Every key of the configuration, with default, bounds, unit and effect. Two levels, one-word sections. */
export const configSchema = z.strictObject({
  archive: archive.prefault({}),
  tiling: tiling.prefault({}),
  scoring: scoring.prefault({}),
  detection: detection.prefault({}),
  drift: drift.prefault({}),
  geo: geo.prefault({}),
  model: model.prefault({}),
  database: database.prefault({}),
  queue: queue.prefault({}),
  sites: sites.prefault({}),
  http: http.prefault({}),
  gis: gis.prefault({}),
  retention: retention.prefault({}),
  alerts: alerts.prefault({}),
  log: log.prefault({}),
});

export type Config = z.infer<typeof configSchema>;

/** The sections with their key schemas, in file order. */
export const sections: Readonly<Record<string, Readonly<Record<string, z.ZodType>>>> = {
  archive: archive.shape,
  tiling: tiling.shape,
  scoring: scoring.shape,
  detection: detection.shape,
  drift: drift.shape,
  geo: geo.shape,
  model: model.shape,
  database: database.shape,
  queue: queue.shape,
  sites: sites.shape,
  http: http.shape,
  gis: gis.shape,
  retention: retention.shape,
  alerts: alerts.shape,
  log: log.shape,
};
