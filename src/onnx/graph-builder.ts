import {
  ELEMENT,
  type ElementType,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx-schema.js';

/** A size of a tensor, or the name of one that the caller chooses. */
type Dimension = number | string;
type Attributes = Readonly<Record<string, number | readonly number[]>>;

const MACHINE_LEARNING = 'ai.onnx.ml';

/** Grows an ONNX graph node by node; values are named by number, inputs and constants by their own names. */
export class GraphBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #constants = new Map<string, TensorProto>();
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];

  input(name: string, elemType: ElementType, shape: readonly Dimension[], docString: string): string {
    this.#inputs.push(valueInfo(name, elemType, shape, docString));
    return name;
  }

  /** Calls a value by the name of an output. */
  output(value: string, name: string, shape: readonly Dimension[], docString: string): void {
    this.#nodes.push({ opType: 'Identity', domain: '', input: [value], output: [name], attribute: [] });
    this.#outputs.push(valueInfo(name, ELEMENT.float32, shape, docString));
  }

  /** A constant of 32-bit floats. */
  floats(name: string, dims: readonly number[], data: Float32Array): string {
    return this.#constant({ name, dims, dataType: ELEMENT.float32, rawData: bytesOf(data) });
  }

  float(value: number): string {
    return this.floats(`float ${value}`, [], Float32Array.of(value));
  }

  /** A list of whole numbers, as axes are given. */
  integers(...values: number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant({
      name: `integers ${values.join(' ')}`,
      dims: [values.length],
      dataType: ELEMENT.int64,
      rawData: bytesOf(data),
    });
  }

  node(opType: string, input: readonly string[], attributes: Attributes = {}): string {
    return this.nodeOf(1, opType, input, attributes)[0]!;
  }

  /** An operator of so many outputs. */
  nodeOf(outputs: number, opType: string, input: readonly string[], attributes: Attributes = {}): string[] {
    return this.#node(outputs, opType, '', input, attributes);
  }

  /** An operator of the machine learning domain. */
  learningNode(opType: string, input: readonly string[], attributes: Attributes): string {
    return this.#node(1, opType, MACHINE_LEARNING, input, attributes)[0]!;
  }

  graph(name: string): GraphProto {
    return {
      name,
      node: this.#nodes,
      initializer: [...this.#constants.values()],
      input: this.#inputs,
      output: this.#outputs,
    };
  }

  #node(outputs: number, opType: string, domain: string, input: readonly string[], attributes: Attributes): string[] {
    const output = Array.from({ length: outputs }, (_, k) => `${opType} ${this.#nodes.length}.${k}`);
    const attribute = Object.entries(attributes).map(([name, value]) =>
      typeof value === 'number' ? { name, type: 2 as const, i: value } : { name, type: 7 as const, ints: value },
    );
    this.#nodes.push({ opType, domain, input, output, attribute });
    return output;
  }

  #constant(tensor: TensorProto): string {
    this.#constants.set(tensor.name, tensor);
    return tensor.name;
  }
}

function valueInfo(
  name: string,
  elemType: ElementType,
  shape: readonly Dimension[],
  docString: string,
): ValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, docString, type: { tensorType: { elemType, shape: { dim } } } };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
