import protobuf from 'protobufjs';

const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id });
const one = (type: string, id: number) => ({ type, id });

/** The messages and fields of onnx.proto (IR version 8) that a scorer's graph needs; numbers are those of the standard. */
const MESSAGES = {
  ModelProto: {
    fields: {
      irVersion: one('int64', 1),
      producerName: one('string', 2),
      producerVersion: one('string', 3),
      docString: one('string', 6),
      graph: one('GraphProto', 7),
      opsetImport: repeated('OperatorSetIdProto', 8),
      metadataProps: repeated('StringStringEntryProto', 14),
    },
  },
  OperatorSetIdProto: { fields: { domain: one('string', 1), version: one('int64', 2) } },
  StringStringEntryProto: { fields: { key: one('string', 1), value: one('string', 2) } },
  GraphProto: {
    fields: {
      node: repeated('NodeProto', 1),
      name: one('string', 2),
      initializer: repeated('TensorProto', 5),
      input: repeated('ValueInfoProto', 11),
      output: repeated('ValueInfoProto', 12),
    },
  },
  NodeProto: {
    fields: {
      input: repeated('string', 1),
      output: repeated('string', 2),
      name: one('string', 3),
      opType: one('string', 4),
      attribute: repeated('AttributeProto', 5),
      domain: one('string', 7),
    },
  },
  AttributeProto: {
    fields: { name: one('string', 1), i: one('int64', 3), ints: repeated('int64', 8), type: one('int32', 20) },
  },
  TensorProto: {
    fields: {
      dims: repeated('int64', 1),
      dataType: one('int32', 2),
      name: one('string', 8),
      rawData: one('bytes', 9),
    },
  },
  ValueInfoProto: { fields: { name: one('string', 1), type: one('TypeProto', 2), docString: one('string', 3) } },
  TypeProto: { fields: { tensorType: one('TensorType', 1) } },
  TensorType: { fields: { elemType: one('int32', 1), shape: one('TensorShapeProto', 2) } },
  TensorShapeProto: { fields: { dim: repeated('Dimension', 1) } },
  Dimension: { fields: { dimValue: one('int64', 1), dimParam: one('string', 2) } },
};

/** Bytes of a `ModelProto`. */
export function encodeModel(model: ModelProto): Buffer {
  const type = protobuf.Root.fromJSON({ nested: MESSAGES }).lookupType('ModelProto');
  return Buffer.from(type.encode(type.fromObject(model)).finish());
}

/** Element types of tensors. */
export const ELEMENT = { float32: 1, int64: 7 } as const;
export type ElementType = (typeof ELEMENT)[keyof typeof ELEMENT];

export interface ModelProto {
  readonly irVersion: number;
  readonly producerName: string;
  readonly docString: string;
  readonly graph: GraphProto;
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
}

export interface GraphProto {
  readonly name: string;
  readonly node: readonly NodeProto[];
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
}

export interface NodeProto {
  readonly opType: string;
  readonly domain: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly AttributeProto[];
}

/** Of type 2 (a whole number) or 7 (a list of them). */
type AttributeProto =
  | { readonly name: string; readonly type: 2; readonly i: number }
  | { readonly name: string; readonly type: 7; readonly ints: readonly number[] };

export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: ElementType;
  readonly rawData: Uint8Array;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly docString: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: ElementType;
      readonly shape: { readonly dim: readonly ({ readonly dimValue: number } | { readonly dimParam: string })[] };
    };
  };
}
