import { DATA_SET_IDS } from '../../archive/data-set.js';
import { parseBrowseLabel } from '../../archive/fetch/browse-label.js';
import { openRaster } from '../../raster/open-raster.js';
import { compressionName } from '../../raster/tiff-compression.js';
import { readIfdChain, type Directory } from './ifd-chain.js';
import { assumed, told, type Question } from './question.js';

const TAG = {
  kind: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  bands: 277,
  tileWidth: 322,
  tileHeight: 323,
  subIfds: 330,
  jpegTables: 347,
};
/** Side of the part that is decoded, pixels: a few tiles. */
const WINDOW = 256;

/** What the pyramidal TIFFs are, and which images have one. */
export const IMAGE_QUESTIONS: readonly Question[] = [
  {
    text: 'Which share of products has no pyramidal TIFF?',
    async answer(facts) {
      const statuses: string[] = [];
      for (const product of await facts.samples()) {
        statuses.push(`${product.productId} HTTP ${(await facts.probe(product)).status}`);
      }
      const there = statuses.filter((each) => each.endsWith(' 206')).length;
      return assumed(
        there > 0,
        `${statuses.length - there} of ${statuses.length} sampled: ${statuses.join(', ')}`,
      );
    },
  },
  {
    text: 'Does _pyr.xml state size and MD5 of the TIFF, and is the size right?',
    async answer(facts) {
      const { product, bytes } = await facts.picture();
      const url = `${facts.browseAddress(product)}.xml`;
      const heard = await facts.asker.ask(url, { maxBytes: 65_536 });
      if (heard.status !== 200) return assumed(false, `${url} answered HTTP ${heard.status}`);
      const label = parseBrowseLabel(heard.body.toString(), product.productId, url);
      return assumed(
        label.bytes === bytes.size,
        `${label.bytes} bytes, MD5 ${label.md5}; the file has ${bytes.size} bytes`,
      );
    },
  },
  {
    text: 'How is the TIFF compressed, in which colours, in tiles of which size?',
    async answer(facts) {
      const { product, bytes } = await facts.picture();
      const [first] = (await readIfdChain(bytes)).directories;
      if (first === undefined) return assumed(false, `${product.productId} has no directory`);
      const { tags } = first;
      const compression = tags.get(TAG.compression)?.[0] ?? 1;
      const name = compressionName(compression);
      const bands = tags.get(TAG.bands)?.[0] ?? 1;
      const bits = tags.get(TAG.bits)?.join(' ') ?? '1';
      const tables = tags.has(TAG.jpegTables) ? ', with JPEGTables' : '';
      const tile = tags.get(TAG.tileWidth)?.[0];
      const blocks =
        tile === undefined ? 'in strips' : `in tiles of ${tile} x ${tags.get(TAG.tileHeight)?.[0]}`;
      return assumed(
        name !== null && (bands === 1 || bands === 3),
        `${product.productId}: compression ${compression} (${name ?? 'not read by this product'})${tables}, photometric ${tags.get(TAG.photometric)?.[0]}, ${bands} band(s) of ${bits} bits, ${blocks}, ${sizeOf(first)}`,
      );
    },
  },
  {
    text: 'Is it a ClassicTIFF or a BigTIFF, and do its levels stand in a chain or in SubIFDs?',
    async answer(facts) {
      const { bytes } = await facts.picture();
      const { bigTiff, littleEndian, directories } = await readIfdChain(bytes);
      const levels = directories.map(
        (each) => `${each.place}: ${sizeOf(each)} kind ${each.tags.get(TAG.kind)?.[0] ?? 0}`,
      );
      const below = directories.some(({ tags }) => tags.has(TAG.subIfds));
      return told(
        `${bigTiff ? 'BigTIFF' : 'ClassicTIFF'}, ${littleEndian ? 'little' : 'big'}-endian, ${below ? 'with' : 'without'} SubIFDs; ${levels.join('; ')}`,
      );
    },
  },
  {
    text: 'Does this product read it, with the size that the index states, and how are its grey levels stretched?',
    async answer(facts) {
      const { product, bytes } = await facts.picture();
      const raster = await openRaster(bytes);
      const { width, height, format } = raster.info;
      const [w, h] = [Math.min(WINDOW, width), Math.min(WINDOW, height)];
      const x = Math.floor((width - w) / 2);
      const grey = Uint8Array.from(await raster.window(x, Math.floor((height - h) / 2), w, h)).sort();
      const at = (share: number) => grey[Math.round(share * (grey.length - 1))];
      return assumed(
        width === product.samples && height === product.lines,
        `${format}, ${width} x ${height} where the index says ${product.samples} x ${product.lines}; grey levels in the middle: least ${at(0)}, median ${at(0.5)}, most ${at(1)}`,
      );
    },
  },
  {
    text: 'Is the TIFF of an EDR image where that of its CDR lies, in its own data set?',
    async answer(facts) {
      const [product] = await facts.samples();
      const other = facts.config.archive.dataset === 'cdr' ? 'edr' : 'cdr';
      const step = other === 'edr' ? -1000 : 1000;
      const letter = other === 'edr' ? 'E' : 'C';
      const url = `${facts.browseAddress(product)}.tif`
        .replace(product.dataSetId, DATA_SET_IDS[other])
        .replace(/LROLRC_(\d{4})/, (_, n: string) => `LROLRC_${String(Number(n) + step).padStart(4, '0')}`)
        .replace(/[EC]_pyr/, `${letter}_pyr`);
      const { status } = await facts.asker.ask(url, { headers: { Range: 'bytes=0-7' } });
      return told(
        `${url} answered HTTP ${status}: ${status === 206 || status === 200 ? 'it is' : 'it is not'}`,
      );
    },
  },
];

function sizeOf({ tags }: Directory): string {
  return `${tags.get(TAG.width)?.[0]} x ${tags.get(TAG.height)?.[0]}`;
}
