import { SeededRandom } from '../../core/index.js';
import type { ClickHistories } from './click-histories.js';
import type { ClickModel } from './click-model.js';
import { emptyHistories, historyFeature, sigmoid, staticLogit } from './logit.js';
import { Rows } from './rows.js';

/** The stream itself, row by row: `next` moves to the next row and draws its click. */
export class Impressions {
  readonly rows: Rows;
  readonly histories: ClickHistories;
  readonly #model: ClickModel;
  readonly #random: SeededRandom;
  /** P(click) of the current row */
  p = 0;
  clicked = false;
  /** a kept click of either domain had the candidate's topic */
  hit = false;

  constructor(model: ClickModel) {
    this.#model = model;
    this.rows = new Rows(model.world, model.seed, model.knobs.events);
    this.histories = emptyHistories(model.world);
    this.#random = new SeededRandom(model.seed, 'synthetic.clicks');
  }

  /** Before drawing the click, `before` may look at the histories as of this row. */
  next(before?: (rows: Rows, histories: ClickHistories) => void): boolean {
    const rows = this.rows;
    if (!rows.next()) return false;
    before?.(rows, this.histories);
    const { world, base, knobs } = this.#model;
    const topic = world.catalogues[rows.domain].topicOf[rows.item]!;
    const feature = historyFeature(knobs.histMode, this.histories, rows.user, topic);
    this.hit = feature > 0;
    this.p = sigmoid(base[rows.domain] + staticLogit(world, rows) + knobs.history * feature);
    this.clicked = this.#random.next() < this.p;
    if (this.clicked) this.histories.push(rows.user, rows.domain, rows.item);
    return true;
  }
}
