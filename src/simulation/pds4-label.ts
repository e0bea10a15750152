import type { LabelFacts } from './img-product.js';
import { TEMPERATURES } from './pds3-label.js';

export interface Pds4LabelParts {
  readonly type: 'EDR' | 'CDR';
  readonly fileName: string;
  readonly fileBytes: number;
  /** Of the whole file, hexadecimal. */
  readonly md5: string;
  /** Bytes of the attached label, behind which the pixels begin. */
  readonly labelBytes: number;
  readonly lines: number;
  readonly samples: number;
  /** Of calibrated samples; raw ones have neither. */
  readonly scalingFactor?: string;
  readonly special?: {
    readonly NULL: number;
    readonly LOW_REPR_SATURATION: number;
    readonly LOW_INSTR_SATURATION: number;
    readonly HIGH_INSTR_SATURATION: number;
    readonly HIGH_REPR_SATURATION: number;
    readonly VALID_MINIMUM: number;
  };
}

type Content = string | number | readonly Element[];
interface Element {
  readonly name: string;
  readonly attributes: string;
  readonly content: Content;
}

const VERSION = '1J00';
const PDS = 'http://pds.nasa.gov/pds4';

/** The detached PDS4 label of a NAC product, with the elements of the archive's in their order. */
export function pds4Label(f: LabelFacts, p: Pds4LabelParts): string {
  const product = el(
    'Product_Observational',
    [identification(f, p), observation(f, p), el('Reference_List', []), fileArea(f, p)],
    ` xmlns="${PDS}/pds/v1" xmlns:pds="${PDS}/pds/v1" xmlns:disp="${PDS}/disp/v1" xmlns:lro="${PDS}/mission/lro/v1" xmlns:img="${PDS}/img/v1"`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<?xml-model href="https://pds.nasa.gov/pds4/pds/v1/PDS4_PDS_${VERSION}.sch" schematypens="http://purl.oclc.org/dsdl/schematron"?>`,
    ...written(product, ''),
    '',
  ].join('\n');
}

function identification({ productId, sourceId, creationTime }: LabelFacts, p: Pds4LabelParts): Element {
  const alias = (id: string, comment: string): Element =>
    el('Alias', [el('alternate_id', id), el('comment', comment)]);
  return el('Identification_Area', [
    el('logical_identifier', `urn:nasa:pds:${bundle(p.type)}:synthetic_data:nac.${productId.toLowerCase()}`),
    el('version_id', '2.0'),
    el('title', `Lunar Reconnaissance Orbiter Camera NAC ${p.type} Product`),
    el('information_model_version', '1.19.0.0'),
    el('product_class', 'Product_Observational'),
    el('Alias_List', [alias(p.fileName, 'File name'), alias(sourceId, 'PDS3 SOURCE_PRODUCT_ID')]),
    el('Modification_History', [
      el('Modification_Detail', [
        el('modification_date', creationTime.slice(0, 10)),
        el('version_id', '2.0'),
        el('description', 'Made by a simulation'),
      ]),
    ]),
  ]);
}

function bundle(type: Pds4LabelParts['type']): string {
  return type === 'CDR' ? 'lro-l-lroc-3-cdr' : 'lro-l-lroc-2-edr';
}

function observation(f: LabelFacts, { type }: Pds4LabelParts): Element {
  const component = (name: string, type: string): Element =>
    el('Observing_System_Component', [el('name', name), el('type', type)]);
  return el('Observation_Area', [
    el('Time_Coordinates', [
      el('start_date_time', `${f.startTime}000Z`),
      el('stop_date_time', `${f.stopTime}000Z`),
    ]),
    el('Primary_Result_Summary', [
      el('purpose', 'Science'),
      el('processing_level', type === 'CDR' ? 'Calibrated' : 'Raw'),
      el('description', 'A simulated image'),
    ]),
    el('Investigation_Area', [el('name', 'LUNAR RECONNAISSANCE ORBITER'), el('type', 'Mission')]),
    el('Observing_System', [
      component('LUNAR RECONNAISSANCE ORBITER', 'Host'),
      component('LUNAR RECONNAISSANCE ORBITER CAMERA', 'Instrument'),
    ]),
    el('Target_Identification', [el('name', f.target), el('type', 'Satellite')]),
    el('Mission_Area', [lroParameters(f, type)]),
    el('Discipline_Area', [imaging(f), display()]),
  ]);
}

function lroParameters(f: LabelFacts, type: Pds4LabelParts['type']): Element {
  const temperatures = Object.entries(TEMPERATURES);
  const terms = (name: string, values: readonly number[]): Element[] =>
    values.map((value, i) => el(`lro:${name}${i + 1}`, value));
  return el('lro:LRO_Parameters', [
    el('lro:product_type', type),
    el('lro:product_version_id', f.version),
    el('lro:orbit_number', f.orbit),
    el('lro:mission_phase_name', 'SYNTHETIC'),
    el('lro:spacecraft_clock_start_count', f.startClock),
    el('lro:spacecraft_clock_stop_count', f.stopClock),
    el('lro:producer_institution_name', 'Synthetic'),
    el('lro:LROC_Parameters', [
      el('lro:upload_id', f.uploadId),
      el('lro:rationale_desc', 'TARGET OF OPPORTUNITY'),
      el('lro:data_quality_id', 0),
      el('lro:data_quality_desc', 'Eight flags, all of them down'),
      el('lro:preroll_time', `${f.prerollTime}000Z`),
      el('lro:spacecraft_clock_preroll_count', f.prerollClock),
      el('lro:frame_id', f.frame),
      ...temperatures.map(([part, [degrees]]) =>
        el(`lro:temperature_${part.toLowerCase()}`, degrees, ' unit="degC"'),
      ),
      ...temperatures.map(([part, [, raw]]) => el(`lro:temperature_${part.toLowerCase()}_raw`, raw)),
      el('lro:line_exposure_duration', f.exposureMs, ' unit="ms"'),
      el('lro:line_exposure_code', 33),
      el('lro:dac_reset_level', 198),
      el('lro:channel_a_offset', 40),
      el('lro:channel_b_offset', 104),
      el('lro:compand_code', f.companding.code),
      el('lro:line_code', 51),
      ...terms('bterm', f.companding.b),
      ...terms('mterm', f.companding.m),
      ...terms('xterm', f.companding.x),
      el('lro:compression_flag', 1),
      el('lro:mode', 7),
    ]),
  ]);
}

function imaging({ summing }: LabelFacts): Element {
  return el('img:Imaging', [
    el('Local_Internal_Reference', [
      el('local_identifier_reference', 'DATA_FILE'),
      el('local_reference_type', 'imaging_parameters_to_image_object'),
    ]),
    el('img:Optical_Filter', [
      el('img:bandwidth', 300, ' unit="nm"'),
      el('img:center_filter_wavelength', 600, ' unit="nm"'),
    ]),
    el('img:Sampling', [el('img:crosstrack_summing', summing)]),
  ]);
}

function display(): Element {
  return el('disp:Display_Settings', [
    el('Local_Internal_Reference', [
      el('local_identifier_reference', 'Array_2D_Image'),
      el('local_reference_type', 'display_settings_to_array'),
    ]),
    el('disp:Display_Direction', [
      el('disp:horizontal_display_axis', 'Sample'),
      el('disp:horizontal_display_direction', 'Left to Right'),
      el('disp:vertical_display_axis', 'Line'),
      el('disp:vertical_display_direction', 'Top to Bottom'),
    ]),
  ]);
}

function fileArea(f: LabelFacts, p: Pds4LabelParts): Element {
  const bytes = ' unit="byte"';
  const axis = (name: string, elements: number, place: number): Element =>
    el('Axis_Array', [el('axis_name', name), el('elements', elements), el('sequence_number', place)]);
  return el('File_Area_Observational', [
    el('File', [
      el('file_name', p.fileName),
      el('local_identifier', 'DATA_FILE'),
      el('creation_date_time', `${f.creationTime}.000000Z`),
      el('file_size', p.fileBytes, bytes),
      el('md5_checksum', p.md5),
      el('comment', `Lunar Reconnaissance Orbiter Camera NAC ${p.type} Product`),
    ]),
    el('Header', [
      el('offset', 0, bytes),
      el('object_length', p.labelBytes, bytes),
      el('parsing_standard_id', 'PDS3'),
      el('description', 'PDS3 attached header'),
    ]),
    el('Array_2D_Image', [
      el('local_identifier', 'Array_2D_Image'),
      el('offset', p.labelBytes, bytes),
      el('axes', 2),
      el('axis_index_order', 'Last Index Fastest'),
      el('Element_Array', elementArray(p)),
      axis('Line', p.lines, 1),
      axis('Sample', p.samples, 2),
      ...specialConstants(p),
    ]),
  ]);
}

function elementArray({ type, scalingFactor }: Pds4LabelParts): Element[] {
  const scaling = scalingFactor === undefined ? [] : [el('scaling_factor', scalingFactor)];
  return type === 'CDR'
    ? [el('data_type', 'SignedLSB2'), el('unit', 'Scaled I/F'), ...scaling]
    : [el('data_type', 'UnsignedByte'), el('unit', 'RAW_INSTRUMENT_COUNT'), ...scaling];
}

function specialConstants({ special }: Pds4LabelParts): Element[] {
  if (special === undefined) return [];
  return [
    el('Special_Constants', [
      el('missing_constant', special.NULL),
      el('high_instrument_saturation', special.HIGH_INSTR_SATURATION),
      el('high_representation_saturation', special.HIGH_REPR_SATURATION),
      el('valid_minimum', special.VALID_MINIMUM),
      el('low_instrument_saturation', special.LOW_INSTR_SATURATION),
      el('low_representation_saturation', special.LOW_REPR_SATURATION),
    ]),
  ];
}

function el(name: string, content: Content, attributes = ''): Element {
  return { name, attributes, content };
}

function written({ name, attributes, content }: Element, indent: string): string[] {
  const opening = `${indent}<${name}${attributes}>`;
  if (typeof content === 'string' || typeof content === 'number') return [`${opening}${content}</${name}>`];
  return [opening, ...content.flatMap((child) => written(child, `${indent}  `)), `${indent}</${name}>`];
}
