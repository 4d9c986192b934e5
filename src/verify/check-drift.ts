import { Adwin, Ddm, type DriftDetector, PageHinkley } from '../evaluation/index.js';
import { Comparison, type Verdict } from './verdict.js';

interface DriftFixture {
  readonly streams: Readonly<
    Record<
      string,
      {
        /** a string of 0 and 1 */
        readonly bits: string;
        readonly adwin: readonly number[];
        readonly ddm: readonly number[];
        readonly ph: readonly number[];
      }
    >
  >;
}

/** Another correct ADWIN may alarm some of its ticks earlier or later. */
const ADWIN_SLACK = 64;
const PAGE_HINKLEY = { delta: 0.005, threshold: 20, alpha: 0.9999, minValues: 30 };

/** Places of the alarms of DDM and Page-Hinkley, exactly, and of ADWIN within its slack. */
export function checkDrift(file: string, content: unknown): Verdict {
  const comparison = new Comparison();
  for (const [name, stream] of Object.entries((content as DriftFixture).streams)) {
    const bits = Uint8Array.from(stream.bits, Number);
    const exact = (where: string, detector: DriftDetector, expected: readonly number[]) => {
      const found = alarms(detector, bits);
      comparison.numbers(`${name}.${where}`, found, expected, () => 0);
    };
    exact('ddm', new Ddm(), stream.ddm);
    exact('ph', new PageHinkley(PAGE_HINKLEY), stream.ph);
    const found = alarms(new Adwin(), bits);
    for (const at of stream.adwin) comparison.equal(`${name}.adwin at ${at}`, isNear(at, found));
    for (const at of found) comparison.equal(`${name}.adwin, not expected at ${at}`, isNear(at, stream.adwin));
  }
  return comparison.verdict(file, 'drift detectors');
}

function alarms(detector: DriftDetector, bits: Uint8Array): number[] {
  const found: number[] = [];
  for (let i = 0; i < bits.length; i++) if (detector.update(bits[i]!)) found.push(i);
  return found;
}

function isNear(at: number, places: readonly number[]): boolean {
  return places.some((place) => Math.abs(place - at) <= ADWIN_SLACK);
}
