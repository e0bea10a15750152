import {
  ATTRIBUTE,
  type AttributeProto,
  encodeModel,
  EXTERNAL,
  type NodeProto,
  ONNX_TYPE,
  type OnnxType,
  type TensorProto,
  type ValueInfoProto,
} from './onnx-schema.js';
import type { StoredTensor } from './safetensors.js';

/** Operators as of ONNX 1.12, which every engine in use knows. */
const OPSET = 17;
const IR_VERSION = 8;
/** ONNX Runtime's own operators: whole numbers with the channels last. */
const CONTRIB_DOMAIN = 'com.microsoft';
const STORED: Record<StoredTensor['type'], OnnxType> = { F16: 'float16', F32: 'float' };

export type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** Collects nodes; a value is known by its name. */
export class OnnxGraph {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  #hasContrib = false;

  /** A dimension given as text is free, e.g. the batch. */
  input(name: string, type: OnnxType, shape: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  output(name: string, type: OnnxType, shape: readonly (number | string)[]): void {
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** Adds one node with one output, which is called `output` where given. */
  node(opType: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    return this.#add(opType, inputs, attributes, output);
  }

  /** Adds one node of an operator that is ONNX Runtime's own, which other engines do not know. */
  contrib(opType: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    this.#hasContrib = true;
    return this.#add(opType, inputs, attributes, output, CONTRIB_DOMAIN);
  }

  floats(name: string, dims: readonly number[], values: ArrayLike<number>): string {
    const rawData = new Uint8Array(Float32Array.from(values).buffer);
    this.#initializers.push({ dims: [...dims], dataType: ONNX_TYPE.float, name, rawData });
    return name;
  }

  /** One whole number, not a list of one. */
  integer(name: string, value: number): string {
    const rawData = new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
    this.#initializers.push({ dims: [], dataType: ONNX_TYPE.int64, name, rawData });
    return name;
  }

  /** Whole numbers that are kept in the graph itself. */
  tensor(name: string, dims: readonly number[], data: Uint8Array | Int8Array | Int32Array): string {
    const type = data instanceof Uint8Array ? 'uint8' : data instanceof Int8Array ? 'int8' : 'int32';
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.push({ dims: [...dims], dataType: ONNX_TYPE[type], name, rawData });
    return name;
  }

  integers(name: string, values: readonly number[]): string {
    const rawData = new Uint8Array(new BigInt64Array(values.map(BigInt)).buffer);
    this.#initializers.push({ dims: [values.length], dataType: ONNX_TYPE.int64, name, rawData });
    return name;
  }

  /**
   * A weight of a safetensors file; half precision is cast to single.
   * @param file its name beside the graph, where the weight stays, or its bytes, of which the graph keeps the weight
   */
  weight(name: string, stored: StoredTensor, file: string | Uint8Array): string {
    const type = STORED[stored.type];
    const kept = type === 'float' ? name : `${name}.${type}`;
    const { offset, length } = stored;
    this.#initializers.push({
      dims: [...stored.shape],
      dataType: ONNX_TYPE[type],
      name: kept,
      ...(typeof file === 'string'
        ? {
            dataLocation: EXTERNAL,
            externalData: [
              { key: 'location', value: file },
              { key: 'offset', value: String(offset) },
              { key: 'length', value: String(length) },
            ],
          }
        : { rawData: file.subarray(offset, offset + length) }),
    });
    return type === 'float' ? kept : this.node('Cast', [kept], { to: ONNX_TYPE.float }, name);
  }

  encode(name: string): Buffer {
    return encodeModel({
      irVersion: IR_VERSION,
      producerName: 'selenoscan',
      graph: {
        name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
      opsetImport: [
        { domain: '', version: OPSET },
        ...(this.#hasContrib ? [{ domain: CONTRIB_DOMAIN, version: 1 }] : []),
      ],
    });
  }

  #add(
    opType: string,
    inputs: readonly string[],
    attributes: Attributes,
    output?: string,
    domain?: string,
  ): string {
    const name = output ?? `${opType.toLowerCase()}_${this.#nodes.length}`;
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(opType, key, value));
    this.#nodes.push({
      input: [...inputs],
      output: [name],
      name: `node_${this.#nodes.length}`,
      opType,
      ...(domain !== undefined && { domain }),
      attribute,
    });
    return name;
  }
}

/** Attributes that are floats even when they hold a whole number. */
const FLOAT_ATTRIBUTES = new Set(['epsilon']);

function attributeOf(opType: string, name: string, value: number | readonly number[]): AttributeProto {
  if (typeof value !== 'number') return { name, type: ATTRIBUTE.ints, ints: [...value] };
  if (FLOAT_ATTRIBUTES.has(name)) return { name, type: ATTRIBUTE.float, f: value };
  if (!Number.isInteger(value)) throw new Error(`The attribute ${name} of ${opType} must be a whole number.`);
  return { name, type: ATTRIBUTE.int, i: value };
}

function valueInfo(name: string, type: OnnxType, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((side) => (typeof side === 'number' ? { dimValue: side } : { dimParam: side }));
  return { name, type: { tensorType: { elemType: ONNX_TYPE[type], shape: { dim } } } };
}
