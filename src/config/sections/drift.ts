import { z } from 'zod';
import { count, learningKey, positive, share } from '../key.js';

const domain = (name: string) =>
  z
    .strictObject({
      detector: learningKey(
        z.enum(['adwin', 'pageHinkley', 'ddm', 'kswin', 'off']).default('adwin'),
        `What watches the ${name} domain: ADWIN (needs no tuning), Page and Hinkley, DDM (wants signal errors) or KSWIN (also tells changes for the better); off: nothing.`,
      ),
      signal: learningKey(
        z.enum(['ranking', 'surprise', 'errors']).default('ranking'),
        'ranking: the share of rows without a click scored above a clicked one (1 - AUC); surprise: the log loss over its expectation; errors: rows of alternating labels on the wrong side of the mean.',
      ),
      reaction: learningKey(
        z.enum(['adapt', 'none']).default('none'),
        'After an alarm: adapt lets rows learn faster for a while, fades second moments, replays fewer old rows of the domain and more target rows, and lets the reversal grow anew; none only tells it. Measured: adapt helps the pure model after a drift and not the residual recipe (docs/drift.md).',
      ),
    })
    .prefault({});

/** Changes of the click behaviour itself: how they are noticed and what is done about them. */
export const drift = z
  .strictObject({
    target: domain('target'),
    source: domain('source'),
    coolDownRows: learningKey(count.default(5000), 'Rows of a domain after an alarm in which no other counts.'),
    effectRows: learningKey(
      count.default(2000),
      'Rows before and after an alarm whose AUC and log loss are told with it.',
    ),
    adaptSteps: learningKey(count.default(300), 'adapt: training steps for which rows learn faster.'),
    embeddingRateFactor: learningKey(
      positive.default(3),
      'adapt: what the learning rate of embedding rows is multiplied by meanwhile.',
    ),
    secondMomentFactor: learningKey(
      share.default(0.5),
      'adapt: what second moments of the dense weights are multiplied by, once.',
    ),
  })
  .prefault({});
