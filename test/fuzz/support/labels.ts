import { COMPANDINGS } from '../../../src/simulation/companding.js';
import type { LabelFacts } from '../../../src/simulation/img-product.js';

/** Facts of a product that never was, for generated labels. */
export const FACTS: LabelFacts = {
  productId: 'M102600893LE',
  sourceId: 'nacl00000001',
  target: 'MOON',
  frame: 'LEFT',
  orbit: 100,
  prerollTime: '2009-07-03T08:07:05.000',
  startTime: '2009-07-03T08:07:06.000',
  stopTime: '2009-07-03T08:07:38.000',
  creationTime: '2010-01-01T00:00:00',
  prerollClock: '1/268300000:00000',
  startClock: '1/268300001:00000',
  stopClock: '1/268300032:00000',
  uploadId: 'SC_2009184',
  summing: 1,
  exposureMs: 0.6192,
  version: 'v1.8',
  companding: Object.values(COMPANDINGS)[0]!,
};

/** Words that mean something in a label. */
export const PDS3_TOKENS = [
  ...[
    'OBJECT = IMAGE\r\n',
    'END_OBJECT = IMAGE\r\n',
    'END\r\n',
    'GROUP = X\r\n',
    'END_GROUP\r\n',
    '^IMAGE = 2\r\n',
  ],
  ...[
    'LINES = 7\r\n',
    'LINE_SAMPLES = 9\r\n',
    'SAMPLE_BITS = 16\r\n',
    'SAMPLE_TYPE = PC_REAL\r\n',
    '/*',
    '*/',
    '"',
  ],
  ...[
    "'",
    '(',
    ')',
    '{',
    '}',
    '<',
    '>',
    '=',
    ',',
    ' <BYTES>',
    '16#FFFFFFFF#',
    '16#FF7FFFFB#',
    'NULL = -32768\r\n',
  ],
  ...['1e999', '-1', '9007199254740993', '0x7f', 'N/A', '\r\n', '\0', '\xff', ' '.repeat(200)],
];

export const XML_TOKENS = [
  ...[
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    '<',
    '>',
    '</',
    '/>',
    '&amp;',
    '&#0;',
    '&x;',
    '<a>',
    '</a>',
  ],
  ...[
    '<!DOCTYPE x [<!ENTITY x "xxxxxxxx">]>',
    '<__proto__>1</__proto__>',
    '<constructor/>',
    '<name>',
    '</name>',
  ],
  ...[
    '<pds:File>',
    '</pds:File>',
    '<file_size unit="byte">',
    '</file_size>',
    '<Axis_Array>',
    '</Axis_Array>',
  ],
  ...[
    '<Array_2D_Image>',
    '</Array_2D_Image>',
    '<Target_Identification>',
    '</Target_Identification>',
    '\0',
    '\xff',
  ],
  ...['1e999', '-1', '9007199254740993', ' '.repeat(200), 'SignedLSB2', 'UnsignedByte', 'IEEE754LSBSingle'],
];
