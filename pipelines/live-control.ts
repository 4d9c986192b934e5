import type { Journal } from '../src/checkpoint/index.js';
import { controlRefused } from '../src/core/index.js';
import type { KeptVersion, VersionSink } from '../src/versions/index.js';
import type { LiveControl } from './control.js';
import { setResetPoint } from './reset-points.js';

/** What commands do outside the fold of a live run. `directory`: of its checkpoints; `sink`: null where nothing is published. */
export function liveControl(directory: string, journal: Journal, sink: VersionSink | null): LiveControl {
  const versions = (): VersionSink => {
    if (sink === null) throw controlRefused('this learner publishes no versions', 'publish.directory or publish.topic');
    return sink;
  };
  const keptVersion = async (number: number): Promise<KeptVersion> => {
    const kept = await versions().kept();
    const version = kept.find((one) => one.number === number);
    if (version !== undefined) return version;
    throw controlRefused(`version ${number} is not kept`, kept.map((one) => one.number).join(', '));
  };
  return {
    record: (decision) => journal.append(decision),
    async pinTo(number, reason) {
      return { number, digest: (await keptVersion(number)).digest, reason };
    },
    pin: (pin) => versions().pin(pin),
    async resetPoint(number) {
      return await setResetPoint(directory, (await keptVersion(number)).manifest);
    },
  };
}
