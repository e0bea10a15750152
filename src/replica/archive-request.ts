import { DATA_SET_IDS, type DataSet } from '../archive/data-set.js';

/** Kinds of files that the archive has, by which faults are aimed. */
export const FILE_KINDS = [
  'index-label',
  'index-table',
  'browse-label',
  'browse-image',
  'img-label',
  'img-image',
] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** The archive's own address, the store that it sends on to, and the ODE service. */
export const HOST_ROLES = ['front', 'store', 'ode'] as const;
export type HostRole = (typeof HOST_ROLES)[number];

/** What a request is about, told by its method, its path and its Range header. */
export interface ArchiveRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** With the query: what tells resources apart. */
  readonly resource: string;
  /** null outside the archive. */
  readonly role: HostRole | null;
  readonly kind: FileKind | 'ode' | null;
  readonly dataSet: DataSet | null;
  /** Path of the file below its data set; '' outside a data set. */
  readonly below: string;
  readonly volumeId: string | null;
  readonly productId: string | null;
  /** Ranges asked for: none, one, several. */
  readonly ranges: 0 | 1 | 2;
}

const STORE_ROOT = '/data/store/img/lunar_reconnaissance_orbiter/pds4/lroc/';
const DIRECTORIES = new Map<string, DataSet>(
  (['cdr', 'edr'] as const).flatMap((dataSet) => [
    [DATA_SET_IDS[dataSet], dataSet],
    [storeDirectory(dataSet), dataSet],
  ]),
);

export function archiveRequest(method: string, url: URL, range: string | undefined): ArchiveRequest {
  const { pathname: path, search } = url;
  const whole = { method, path, resource: path + search, ranges: rangesIn(range) };
  const outside = { dataSet: null, below: '', volumeId: null, productId: null };
  if (/^\/live2\/?$/.test(path)) return { ...whole, ...outside, role: 'ode', kind: 'ode' };
  const role = path.startsWith(STORE_ROOT) ? 'store' : 'front';
  // At the front host, files stand below the root and below /data/.
  const root = role === 'store' ? STORE_ROOT : path.startsWith('/data/') ? '/data/' : '/';
  const [directory = '', ...rest] = path.slice(root.length).split('/');
  const dataSet = DIRECTORIES.get(directory) ?? null;
  const isStoreName = directory === directory.toLowerCase();
  if (dataSet === null || isStoreName !== (role === 'store')) {
    return { ...whole, ...outside, role: null, kind: null };
  }
  const below = rest.join('/');
  const [kind, productId] = kindOf(rest.slice(1).join('/'));
  return { ...whole, role, kind, dataSet, below, volumeId: rest[0] ?? null, productId };
}

/** Address of a file at the store. */
export function storePath(dataSet: DataSet, below: string): string {
  return `${STORE_ROOT}${storeDirectory(dataSet)}/${below}`;
}

function storeDirectory(dataSet: DataSet): string {
  return DATA_SET_IDS[dataSet].toLowerCase().replace('-v1.0', '');
}

function kindOf(file: string): [FileKind | null, string | null] {
  if (file === 'INDEX/INDEX.LBL') return ['index-label', null];
  if (file === 'INDEX/INDEX.TAB') return ['index-table', null];
  const [, browsed, browseEnd] = /^EXTRAS\/BROWSE\/\d{7}\/(\w+)_pyr\.(tif|xml)$/.exec(file) ?? [];
  if (browsed !== undefined) return [browseEnd === 'tif' ? 'browse-image' : 'browse-label', browsed];
  const [, id, end] = /^DATA\/\w+\/\d{7}\/NAC\/(\w+)\.(IMG|xml)$/.exec(file) ?? [];
  return id === undefined ? [null, null] : [end === 'IMG' ? 'img-image' : 'img-label', id];
}

function rangesIn(header: string | undefined): 0 | 1 | 2 {
  if (header === undefined) return 0;
  return header.includes(',') ? 2 : 1;
}
