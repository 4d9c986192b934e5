import { z } from 'zod';
import { count, learningKey } from '../key.js';

/** What the source domain brings to the target, measured beside the run. */
export const transfer = z
  .strictObject({
    ledger: learningKey(
      z.boolean().default(false),
      'Beside the learner a twin learns the same target events as if there were no source domain (with counters and a linear part of its own where the model has them); the run publishes the AUC gained from the source domain. About a second learner for the target rows.',
    ),
    switchOff: learningKey(
      z.boolean().default(false),
      'Target impressions get the score of the twin while the ledger shows that the source domain hurts. Needs `ledger`; publishes no model versions.',
    ),
    windowRows: learningKey(
      count.min(1000).default(50_000),
      'Judged target rows, the last so many, over which the gain is taken.',
    ),
  })
  .refine(({ ledger, switchOff }) => ledger || !switchOff, {
    path: ['switchOff'],
    message: 'must be false without transfer.ledger: nothing tells whether the source domain hurts',
  })
  .prefault({});
