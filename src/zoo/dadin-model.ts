import { dadinLayout } from '../model/dadin-layout.js';
import { computeLogits, forwardPass } from '../model/forward-pass.js';
import { lossesOf, setBiasGradients } from '../model/gradients.js';
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
    forward: (ops, flat, embedded, settings) => forwardPass(ops, options, layout, flat, embedded, settings),
    losses: (flat, batch, outputs, settings) => lossesOf(options, layout, flat, batch, outputs, settings),
    setLossGradients: (losses, denseGradient) => setBiasGradients(layout, losses, denseGradient),
    logits: (ops, flat, embedded) => computeLogits(ops, options, layout, flat, embedded),
    afterStep: () => {},
  };
}
