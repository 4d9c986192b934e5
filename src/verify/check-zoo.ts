import type { Engine } from './check-dadin.js';
import { Comparison, FLOAT32_GRADIENT, FLOAT32_OUTPUT, FLOAT64, type Verdict } from './verdict.js';
import { evaluateZooFixture } from './zoo-fixture.js';
import type { ZooFixture } from './zoo-inputs.js';

/** Logits and all gradients of one baseline, `model_*.json`. */
export function checkZoo<T>(file: string, content: unknown, { ops, precision }: Engine<T>): Verdict {
  const fixture = content as ZooFixture;
  const compared = evaluateZooFixture(fixture, ops);
  if (compared === null) {
    return { file, subject: ops.name, status: 'skip', detail: `no model ${fixture.config.model} is known` };
  }
  const comparison = new Comparison();
  const [outputTolerance, gradientTolerance] =
    precision === 'float64' ? [FLOAT64, FLOAT64] : [FLOAT32_OUTPUT, FLOAT32_GRADIENT];
  for (const { name, actual, expected } of compared.outputs) {
    comparison.numbers(name, actual, expected, outputTolerance);
  }
  for (const { name, actual, expected } of compared.gradients) {
    comparison.numbers(name, actual, expected, gradientTolerance);
  }
  return comparison.verdict(file, ops.name);
}
