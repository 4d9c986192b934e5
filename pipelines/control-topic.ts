import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaLog } from '../src/client/index.js';
import type { Config } from '../src/config/index.js';
import { readSecret } from '../src/config/secret.js';
import { controlRefused, DadinError, isSameSecret, parseControl } from '../src/core/index.js';
import { createKafka, kafkaNotices } from '../src/kafka/index.js';
import type { LogRecord, RecordLog } from '../src/versions/index.js';
import type { Control } from './control.js';
import { kafkaConnection } from './kafka-connection.js';
import type { RunObserver } from './learning-run.js';

/** How often the topic is asked for commands. */
const LOOK_EVERY_MS = 250;

export interface Listening {
  close(): Promise<void>;
}

/** Carries out the commands of `control.topic` while the run goes on; null where none is configured. */
export async function listenToTopic(
  config: Config,
  control: Control,
  {
    baseDirectory,
    observer,
    isNew,
  }: { readonly baseDirectory: string; readonly observer: RunObserver; readonly isNew: boolean },
): Promise<Listening | null> {
  const { topic, token } = config.control;
  if (topic === null || token === null) return null;
  const places = { env: process.env, baseDirectory };
  const connection = await kafkaConnection(config.kafka, places);
  const kafka = createKafka(
    connection,
    kafkaNotices((message) => observer.notice(message)),
  );
  return listen(new KafkaLog(kafka, topic), control, await readSecret(token, places), observer, isNew);
}

/**
 * `isNew`: the learner has no past, so what stands in the log already was meant for another. A learner that goes on carries
 * out what it has not yet, by id, also what came while nobody was there.
 */
export function listen(
  log: RecordLog,
  control: Pick<Control, 'request'>,
  token: string,
  observer: Pick<RunObserver, 'notice' | 'controlled'>,
  isNew: boolean,
): Listening {
  const closing = new AbortController();
  let passesOver = isNew;
  const look = async (): Promise<void> => {
    const records = await log.read();
    if (!passesOver) for (const record of records) obey(record, control, token, observer);
    else if (records.length > 0) observer.notice(`${log.name}: ${records.length} older commands passed over`);
    passesOver = false;
  };
  const looking = (async () => {
    let isAway = false;
    while (!closing.signal.aborted) {
      try {
        await look();
        isAway = false;
      } catch (error) {
        if (!isAway) observer.notice(`${log.name} cannot be read for commands: ${messageOf(error)}; trying again`);
        isAway = true;
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: closing.signal }).catch(() => {}); // closed: the loop sees it
    }
  })();
  return {
    async close() {
      closing.abort();
      await looking;
      await log.close();
    },
  };
}

/** Does not wait until it is carried out; what comes of it is told. */
function obey(
  { key, value }: LogRecord,
  control: Pick<Control, 'request'>,
  token: string,
  observer: Pick<RunObserver, 'controlled'>,
): void {
  if (value === null) return; // a command taken back by compaction
  try {
    const { token: given, ...command } = messageIn(value);
    if (typeof given !== 'string' || !isSameSecret(given, token)) throw controlRefused('the token is missing or wrong');
    control.request(parseControl(command, key)).catch(() => {}); // told
  } catch (error) {
    if (!(error instanceof DadinError)) throw error;
    observer.controlled?.({ refused: error });
  }
}

function messageIn(value: Uint8Array): Record<string, unknown> {
  try {
    const message: unknown = JSON.parse(Buffer.from(value).toString('utf8'));
    if (typeof message === 'object' && message !== null) return message as Record<string, unknown>;
  } catch {
    // told below: it may hold the token, so nothing of it is shown
  }
  throw controlRefused('a command is a JSON object');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
