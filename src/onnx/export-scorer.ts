import type { ScorerOptions } from '../client/index.js';
import { DadinError, type ServingPart } from '../core/index.js';
import type { VersionManifest } from '../versions/index.js';
import { dadinGraph } from './dadin-graph.js';
import { encodeModel } from './onnx-schema.js';

/** Widely read, and all that the graph needs. */
const OPSET = 17;
const LEARNING_OPSET = 2;
const IR_VERSION = 8;

/** What protobuf readers take, less room for everything but the weights. */
const MAX_MODEL_BYTES = 2 ** 31 - 2 ** 20;

/** Bytes of a row's id and place, at most, beside its floats. */
const ID_BYTES = 13;

/**
 * A model version as an ONNX file. `part`: the whole version. `digest`: of its manifest.
 * @throws DadinError DADIN_USAGE where the version is of a kind that no graph is made of
 */
export function exportScorer(manifest: VersionManifest, digest: string, part: ServingPart): Buffer {
  const options = manifest.scorer as ScorerOptions;
  const { mode, negativeRate } = options.trainedSpace;
  if (options.baseline !== null) throw refused(`a baseline (${options.baseline.kind})`, 'DADIN or an ablation of it');
  if (mode === 'fakeNegativeCalibrated') throw refused(`labels.mode ${mode}`, 'any other labels.mode');
  const embedding = part.tables.find(({ name }) => name === 'embedding')!;
  const bytes = embedding.ids.length * (4 * options.model.width + ID_BYTES);
  if (bytes > MAX_MODEL_BYTES) throw refused(`${bytes} bytes of embedding rows`, 'less than the 2 GB of an ONNX file');
  const { name, number, lineage, step } = manifest;
  return encodeModel({
    irVersion: IR_VERSION,
    producerName: 'dadin-stream',
    docString: `version ${number} of ${name}: docs/checkpoint-format.md tells what the inputs are`,
    graph: dadinGraph({
      model: options.model,
      hasOffset: options.linear !== null,
      correction: Math.log(negativeRate),
      tensors: new Map(part.tensors.map((tensor) => [tensor.name, tensor])),
      embedding,
    }),
    opsetImport: [
      { domain: '', version: OPSET },
      { domain: 'ai.onnx.ml', version: LEARNING_OPSET },
    ],
    metadataProps: Object.entries({ name, number, digest, lineage, step, scorer: JSON.stringify(options) }).map(
      ([key, value]) => ({ key, value: String(value) }),
    ),
  });
}

function refused(got: string, expected: string): DadinError {
  return new DadinError('DADIN_USAGE', 'this version cannot be exported', {
    step: 'export',
    got,
    expected,
    remedy: 'score with `dadin-stream serve` or the client instead',
  });
}
