import { dadinLayout } from '../model/dadin-layout.js';
import { computeGradients, computeLogits } from '../model/gradients.js';
import { initialise } from '../model/initialise.js';
import type { ModelOptions } from '../model/model-options.js';
import type { TrainableModel } from './trainable-model.js';

/** DADIN as engines train any model. */
export function dadinModel(options: ModelOptions): TrainableModel {
  const layout = dadinLayout(options);
  return {
    layout,
    rowWidth: options.width,
    outputBiases: ['pred.b2'],
    discriminatorsFrom: layout.get('dom.W').offset,
    initialise: (flat, random) => initialise(layout, flat, random),
    step(ops, flat, embedded, settings, denseGradient, embeddingGradient) {
      let interest: Float64Array | null = null;
      const losses = computeGradients(
        ops,
        options,
        layout,
        flat,
        embedded,
        settings,
        denseGradient,
        embeddingGradient,
        (output) => {
          if (output.interest === null) return;
          interest = ops.download(output.interest.value, new Float64Array(embedded.batch.size * 3));
        },
      );
      return { losses, interest };
    },
    logits: (ops, flat, embedded) => computeLogits(ops, options, layout, flat, embedded),
    afterStep: () => {},
  };
}
