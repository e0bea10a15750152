import koffi, { type TypeObject } from 'koffi';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { OperationalError } from '../../../domain/errors.js';
import { hasOpenVino, OPENVINO_FOLDER, OPENVINO_STAMP } from './installed.js';

/** An object of OpenVINO's, by its address. */
export type Handle = bigint & { readonly opaque: 'openvino' };
/** Takes what a function gives back besides its status. */
type Out<T> = [T | null];
/** `ov_status_e`: 0 is success. */
type Status = number;
/** `ov_shape_t` */
interface Shape {
  readonly rank: number;
  readonly dims: readonly number[];
}

/** `ov_dimension_t`: a side between two lengths, here the same. */
interface Dimension {
  readonly min: number;
  readonly max: number;
}
/** `ov_partial_shape_t` */
interface PartialShape {
  readonly rank: Dimension;
  readonly dims: readonly Dimension[];
}

/** The C functions that are used, as OpenVINO's `include/openvino/c` declares them. */
interface Functions {
  readonly createCore: (core: Out<Handle>) => Status;
  readonly freeCore: (core: Handle) => void;
  readonly getProperty: (core: Handle, device: string, key: string, value: Out<string>) => Status;
  readonly readModel: (
    core: Handle,
    bytes: Uint8Array,
    length: number,
    weights: null,
    model: Out<Handle>,
  ) => Status;
  readonly freeModel: (model: Handle) => void;
  readonly reshape: (
    model: Handle,
    inputs: readonly string[],
    shapes: readonly PartialShape[],
    count: number,
  ) => Status;
  /** Properties follow as `'str', key, 'str', value`; their number counts keys and values. */
  readonly compile: (
    core: Handle,
    model: Handle,
    device: string,
    properties: number,
    compiled: Out<Handle>,
    ...keysAndValues: string[]
  ) => Status;
  readonly freeCompiled: (compiled: Handle) => void;
  readonly createRequest: (compiled: Handle, request: Out<Handle>) => Status;
  readonly freeRequest: (request: Handle) => void;
  readonly infer: (request: Handle) => Status;
  readonly setTensor: (request: Handle, name: string, tensor: Handle) => Status;
  readonly createTensor: (type: number, shape: Shape, tensor: Out<Handle>) => Status;
  readonly tensorData: (tensor: Handle, data: Out<Handle>) => Status;
  readonly freeTensor: (tensor: Handle) => void;
  readonly lastError: () => string | null;
}

/** OpenVINO's library in this process. */
export interface OpenVino {
  /** E.g. `2026.4.1`. */
  readonly version: string;
  readonly functions: Functions;
}

let loaded: OpenVino | undefined;

/**
 * Loads OpenVINO, once for a thread.
 * @throws OperationalError (`engine_missing`) where it is not installed or cannot be loaded
 */
export function loadOpenVino(): OpenVino {
  return (loaded ??= load());
}

function load(): OpenVino {
  if (!hasOpenVino())
    throw new OperationalError(
      'engine_missing',
      'OpenVINO is not installed on this machine: run `npm run engine:openvino` once (Linux x64).',
    );
  try {
    const { version, library } = JSON.parse(readFileSync(OPENVINO_STAMP, 'utf8')) as Record<string, string>;
    return { version: version!, functions: bind(path.join(OPENVINO_FOLDER, library!)) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OperationalError(
      'engine_missing',
      `OpenVINO in ${OPENVINO_FOLDER} cannot be loaded (${why}): run \`npm run engine:openvino\` again.`,
      { cause },
    );
  }
}

function bind(file: string): Functions {
  const library = koffi.load(file);
  const bound = <K extends keyof Functions>(prototype: string): Functions[K] => library.func(prototype);
  const handle = koffi.pointer('void');
  const given = (type: TypeObject) => koffi.out(koffi.pointer(type));
  const shape = koffi.struct({ rank: 'int64_t', dims: koffi.pointer('int64_t') });
  const dimension = koffi.struct({ min: 'int64_t', max: 'int64_t' });
  const partialShape = koffi.struct({ rank: dimension, dims: koffi.pointer(dimension) });
  const text = koffi.disposable('str', library.func('void ov_free(void *content)'));
  return {
    createCore: bound<'createCore'>('int ov_core_create(_Out_ void **core)'),
    freeCore: bound<'freeCore'>('void ov_core_free(void *core)'),
    getProperty: library.func('ov_core_get_property', 'int', [...[handle, 'str', 'str'], given(text)]),
    readModel: bound<'readModel'>(
      'int ov_core_read_model_from_memory_buffer(void *core, void *bytes, size_t length, void *weights, _Out_ void **model)',
    ),
    freeModel: bound<'freeModel'>('void ov_model_free(void *model)'),
    reshape: library.func('ov_model_reshape', 'int', [
      ...[handle, koffi.pointer('str'), koffi.pointer(partialShape), 'size_t'],
    ]),
    compile: bound<'compile'>(
      'int ov_core_compile_model(void *core, void *model, const char *device, size_t properties, _Out_ void **compiled, ...)',
    ),
    freeCompiled: bound<'freeCompiled'>('void ov_compiled_model_free(void *compiled)'),
    createRequest: bound<'createRequest'>(
      'int ov_compiled_model_create_infer_request(void *compiled, _Out_ void **request)',
    ),
    freeRequest: bound<'freeRequest'>('void ov_infer_request_free(void *request)'),
    infer: bound<'infer'>('int ov_infer_request_infer(void *request)'),
    setTensor: bound<'setTensor'>(
      'int ov_infer_request_set_tensor(void *request, const char *name, void *tensor)',
    ),
    createTensor: library.func('ov_tensor_create', 'int', [...['int', shape], given(handle)]),
    tensorData: bound<'tensorData'>('int ov_tensor_data(void *tensor, _Out_ void **data)'),
    freeTensor: bound<'freeTensor'>('void ov_tensor_free(void *tensor)'),
    lastError: bound<'lastError'>('const char *ov_get_last_err_msg()'),
  };
}
