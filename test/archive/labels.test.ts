import { describe, expect, it } from 'vitest';
import { parseBrowseLabel } from '../../src/archive/fetch/browse-label.js';
import { NEEDED_COLUMNS, indexColumns } from '../../src/archive/index/index-columns.js';
import { parseIndexLabel } from '../../src/archive/index/index-layout.js';
import { parsePds3Label } from '../../src/archive/index/pds3-label.js';
import { present, readData } from './support.js';

const OTHER_COLUMNS = indexColumns('LROLRC_1067A')
  .filter(({ name }) => NEEDED_COLUMNS.includes(name) && name !== 'VOLUME_ID' && name !== 'PRODUCT_ID')
  .map(
    ({ name, startByte, bytes }) =>
      `OBJECT = COLUMN\nNAME = ${name}\nSTART_BYTE = ${startByte}\nBYTES = ${bytes}\nEND_OBJECT`,
  )
  .join('\n');

const INDEX_LABEL = `PDS_VERSION_ID = PDS3
/* a comment
   over two lines */
RECORD_TYPE=FIXED_LENGTH
RECORD_BYTES=902
FILE_RECORDS = 2
^INDEX_TABLE="CUMINDEX.TAB"
MD5_CHECKSUM = "D41D8CD98F00B204E9800998ECF8427E"
OBJECT = INDEX_TABLE
  ROWS = 2
  OBJECT = COLUMN
    NAME = VOLUME_ID
    START_BYTE = 2
    BYTES = 12 <BYTES>
    DESCRIPTION = "text with OBJECT = COLUMN
      on two lines"
  END_OBJECT = COLUMN
  OBJECT = COLUMN
    NAME = "PRODUCT_ID"
    START_BYTE = 123
    BYTES = 13
  END_OBJECT
${OTHER_COLUMNS}
END_OBJECT = INDEX_TABLE
END
`;

describe('INDEX.LBL', () => {
  it('tells record length, checksum and where the columns lie', () => {
    const { columns, ...layout } = parseIndexLabel(INDEX_LABEL, 'x');
    expect(layout).toEqual({ recordBytes: 902, rows: 2, md5: 'd41d8cd98f00b204e9800998ecf8427e' });
    expect(columns.size).toBe(NEEDED_COLUMNS.length);
    expect(columns.get('VOLUME_ID')).toEqual({ start: 1, bytes: 12 });
    expect(columns.get('PRODUCT_ID')).toEqual({ start: 122, bytes: 13 });
  });

  it.each([
    [['START_BYTE = 123', 'START_BYTE = 891'], 'its column PRODUCT_ID does not lie within the record'],
    [['BYTES = 13', 'BYTES = 0'], 'its column PRODUCT_ID does not lie within the record'],
    [['START_BYTE = 123', 'START_BYTE = 13'], 'its columns VOLUME_ID and PRODUCT_ID overlap'],
    [['BYTES = 13', 'BYTES = 90'], 'its columns PRODUCT_ID and PRODUCT_VERSION_ID overlap'],
    [['NAME = CENTER_LATITUDE', 'NAME = CENTRE_LATITUDE'], 'it has no column CENTER_LATITUDE'],
    [['NAME = CENTER_LATITUDE', 'NAME = RESOLUTION'], 'it has two columns RESOLUTION'],
  ] as const)('is refused with %j: %s', ([from, to], why) => {
    const text = INDEX_LABEL.replace(from, to);
    expect(text).not.toBe(INDEX_LABEL);
    expect(() => parseIndexLabel(text, 'x')).toThrow(
      `x is not the label of an index table (${why}); check archive.urls and archive.dataset.`,
    );
  });

  it.each([
    ['<!DOCTYPE html>\n<title>Sorry</title>'],
    [''],
    ['RECORD_BYTES = 902\nEND'],
    [INDEX_LABEL.replace('START_BYTE = 123', 'START_BYTE = 900')],
    [INDEX_LABEL.replace('END_OBJECT = INDEX_TABLE', '')],
  ])('is refused in one sentence naming its address when it is something else (%#)', (text) => {
    expect(() => parseIndexLabel(text, 'http://archive/INDEX.LBL')).toThrow(
      /^http:\/\/archive\/INDEX\.LBL is not the label of an index table \(.+\); check archive\.urls/,
    );
  });

  it.skipIf(!present('labels/M102128467LE_EDR_original_label.pvl'))('real PDS3 labels are read', () => {
    const label = parsePds3Label(readData('labels/M102128467LE_EDR_original_label.pvl').toString('latin1'));
    expect(label.values.get('RECORD_BYTES')).toBe('5064');
    expect(label.values.get('LRO:TEMPERATURE_SCS')).toBe('1.43');
    expect(label.values.get('DATA_QUALITY_DESC')).toMatch(/^The DATA_QUALITY_ID is set .* Spare\.$/);
  });
});

describe('the label of a browse image', () => {
  const label = (target: string) => `<?xml version="1.0"?><!-- <File><file_name>no</file_name></File> -->
    <p:Product_Browse xmlns:p="http://pds.nasa.gov/pds4/pds/v1">${target}<p:File>
    <p:file_name>M1LC_pyr.tif</p:file_name><p:file_size unit="byte">12</p:file_size>
    <p:md5_checksum>e839eb0bdfc79efb2c86aa9cc13c9560</p:md5_checksum></p:File></p:Product_Browse>`;
  const target = (name: string) => `<Target_Identification><name>${name}</name></Target_Identification>`;

  it.skipIf(!present('labels/nac.m1402237470lc_browse_ptif.xml'))('gives size and MD5 of a real one', () => {
    const xml = readData('labels/nac.m1402237470lc_browse_ptif.xml').toString();
    expect(parseBrowseLabel(xml, 'M1402237470LC', 'x')).toEqual({
      fileName: 'M1402237470LC_pyr.tif',
      bytes: 37480731,
      md5: 'e839eb0bdfc79efb2c86aa9cc13c9560',
    });
  });

  it('is read whatever its prefix, with the Moon as target or none', () => {
    expect(parseBrowseLabel(label(''), 'M1LC', 'x').bytes).toBe(12);
    expect(parseBrowseLabel(label(target('Moon')), 'M1LC', 'x').bytes).toBe(12);
  });

  it('is refused for another body, for good', () => {
    expect(() => parseBrowseLabel(label(target('Mars')), 'M1LC', 'http://a/b.xml')).toThrow(
      expect.objectContaining({
        name: 'InvalidProductError',
        message: 'http://a/b.xml says that the image shows Mars, not the Moon.',
      }),
    );
  });

  it('is refused when it labels another file', () => {
    expect(() => parseBrowseLabel(label(''), 'M2LC', 'x')).toThrow(
      /is the label of M1LC_pyr\.tif, not of M2LC/,
    );
  });

  it('is asked again when it is no label', () => {
    expect(() => parseBrowseLabel('<html/>', 'M1LC', 'x')).toThrow(
      expect.objectContaining({ name: 'TransientError' }),
    );
  });
});
