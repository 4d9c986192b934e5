import { type ModelOptions, modelParts } from './model-options.js';
import { type Initialisation, ParameterLayout, type ParameterMatrix } from './parameter-layout.js';

/** Widths that follow from the options. */
interface DadinWidths {
  /** Columns the DNN reads: z or m, then statistics, then the offset. */
  readonly input: number;
  /** Columns of h_spec, h_DA and h. */
  readonly representation: number;
}

function dadinWidths(options: ModelOptions): DadinWidths {
  const parts = modelParts(options);
  const interactions = parts.biInteraction ? options.width : 4 * options.width;
  const input = interactions + options.denseWidth + (options.offsetInput ? 1 : 0);
  return { input, representation: parts.dnn ? (options.hidden.at(-1) ?? input) : input };
}

/**
 * The parameters of algorithm A.0, in the order of the forward pass; the discriminators stand last, so that they can have
 * their own learning rate. 303 443 for d = 64 and hidden [512, 128, 64].
 */
export function dadinLayout(options: ModelOptions): ParameterLayout {
  const parts = modelParts(options);
  const d = options.width;
  const { input, representation } = dadinWidths(options);
  const matrices: ParameterMatrix[] = [];
  if (parts.attention) {
    for (const history of ['t', 's']) {
      matrices.push(single(`att.${history}.W`, [d, 4 * d]), single(`att.${history}.h`, [d]));
    }
  }
  if (parts.interest) {
    matrices.push(
      stack('int.V', ['int.u.V', 'int.t.V', 'int.s.V'], [d, 4 * d], 'xavier', [3 * d, 4 * d]),
      stack('int.g', ['int.u.g', 'int.t.g', 'int.s.g'], [d], 'xavier', [3, d]),
      stack('int.b', ['int.u.b', 'int.t.b', 'int.s.b'], [1], 'zero', [1, 3]),
    );
  }
  if (parts.biInteraction) matrices.push(single('bi.c', [4], 'one'));
  if (parts.dnn) matrices.push(...network('dnn', input, options.hidden, options.lastActivation));
  if (parts.domainAgnostic) {
    const units = [...options.hidden.slice(0, -1), representation];
    matrices.push(...network('da', representation, units, options.lastActivation));
  }
  matrices.push(
    single('pred.W1', [options.predictorWidth, representation]),
    single('pred.b1', [options.predictorWidth], 'zero'),
    single('pred.W2', [1, options.predictorWidth]),
    single('pred.b2', [1], 'zero'),
    stack('dom.W', ['dom.global.W', 'dom.c1.W', 'dom.c0.W'], [1, representation], 'xavier', [3, representation]),
    stack('dom.b', ['dom.global.b', 'dom.c1.b', 'dom.c0.b'], [1], 'zero', [1, 3]),
  );
  return new ParameterLayout(matrices);
}

function network(
  name: string,
  input: number,
  units: readonly number[],
  lastActivation: ModelOptions['lastActivation'],
): ParameterMatrix[] {
  return units.flatMap((out, i) => {
    const activated = i < units.length - 1 || lastActivation === 'act';
    return [
      single(`${name}.${i}.W`, [out, i === 0 ? input : units[i - 1]!], activated ? 'he' : 'xavier'),
      single(`${name}.${i}.b`, [out], 'zero'),
    ];
  });
}

/** One tensor [out, in], or a vector as one row. */
function single(name: string, shape: readonly number[], initialisation: Initialisation = 'xavier'): ParameterMatrix {
  const [rows, cols] = shape.length === 1 ? [1, shape[0]!] : [shape[0]!, shape[1]!];
  return { key: name, rows, cols, tensors: [name], tensorShape: shape, initialisation };
}

function stack(
  key: string,
  tensors: readonly string[],
  tensorShape: readonly number[],
  initialisation: Initialisation,
  [rows, cols]: readonly [number, number],
): ParameterMatrix {
  return { key, rows, cols, tensors, tensorShape, initialisation };
}
