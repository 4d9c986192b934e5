import { z } from 'zod';
import { count, countOrZero, learningKey } from '../key.js';

/** What the paper's eleven baselines have beside `width` and `hidden`: the choices of algorithm.md B. */
export const baselines = z
  .strictObject({
    xdeepfm: z
      .strictObject({
        maps: learningKey(z.array(count).min(1).default([16, 16, 16]), 'Feature maps of each layer of the CIN.'),
        activation: learningKey(
          z.enum(['linear', 'relu']).default('linear'),
          "Activation of the CIN: linear (FuxiCTR's form) or relu (DeepCTR's, with `split`).",
        ),
        split: learningKey(
          z.boolean().default(false),
          'Half of the maps of a layer feeds the next one, the other half the output.',
        ),
      })
      .prefault({}),
    din: z
      .strictObject({
        attentionHidden: learningKey(z.array(count).min(1).default([80, 40]), 'Hidden units of the attention network.'),
        softmax: learningKey(
          z.boolean().default(false),
          'Attention scores normalised over the history, as in the public code; else they weigh as they are.',
        ),
      })
      .prefault({}),
    csn: z
      .strictObject({
        beforeOutput: learningKey(z.boolean().default(false), 'The output layers read a stitch too.'),
      })
      .prefault({}),
    conet: z
      .strictObject({
        crossLayers: learningKey(countOrZero.default(2), 'First hidden layers with a cross unit.'),
        lasso: learningKey(
          z.number().min(0).default(1e-3),
          'Strength of the lasso on the cross units against a mean loss (the sparse variant); 0 is dense.',
        ),
      })
      .prefault({}),
    minet: z
      .strictObject({
        rank: learningKey(count.default(10), 'Rank of the map from source items to target items.'),
        sourceWeight: learningKey(z.number().min(0).default(1), 'Weight of the source rows in the loss.'),
      })
      .prefault({}),
  })
  .prefault({});
