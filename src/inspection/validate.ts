import { dirname, resolve } from 'node:path';
import { createSource } from '../../pipelines/assembly.js';
import { type Config, loadConfig } from '../config/index.js';
import { DadinError, type EventSource } from '../core/index.js';
import type { FileLogReport, FileSource } from '../sources/files/index.js';
import { type Check, fail, pass } from './checks/check.js';
import { checkFeatures, checkItems, checkUsers } from './checks/check-domains.js';
import { checkFiles } from './checks/check-files.js';
import { checkJoin, checkLabels } from './checks/check-labels.js';
import { checkLeaks } from './checks/check-leaks.js';
import { checkDecoding, checkDuplicates, checkOrder } from './checks/check-records.js';
import { checkTime } from './checks/check-time.js';
import { takeCensus } from './log-census.js';

/**
 * Holds a configuration against its log: reads up to `maxRecords` records in the order `replay` would, learns nothing.
 *
 * @throws DadinError DADIN_CONFIG_NOT_FOUND; what is wrong with the configuration or the log is a failed check
 */
export async function validate(configPath: string, maxRecords: number): Promise<Check[]> {
  let config: Config;
  try {
    config = await loadConfig(configPath, { env: process.env });
  } catch (error) {
    if (!(error instanceof DadinError) || error.code !== 'DADIN_CONFIG_INVALID') throw error;
    const remedy = 'every key, its unit and its default stand in docs/configuration.md';
    return [fail('configuration', error.details.got ?? 'not valid', remedy, error.message.split('\n'))];
  }
  const baseDirectory = dirname(resolve(configPath));
  const checks = [pass('configuration', configPath), ...(await checkFiles(config, baseDirectory))];
  if (checks.some(({ status }) => status === 'FAIL')) return checks;
  const source = await createSource(config, baseDirectory);
  try {
    const census = await takeCensus(source, {
      ordering: config.ordering,
      attributionWindowMs: config.labels.attributionWindowMs,
      maxRecords,
    });
    return [
      ...checks,
      checkDecoding(census),
      checkOrder(census, reportsOf(source)),
      checkTime(census),
      checkDuplicates(census),
      ...checkLabels(census, config),
      ...checkJoin(census, config),
      ...checkLeaks(census),
      checkUsers(census),
      checkItems(census),
      checkFeatures(census, config.features.shared),
    ];
  } finally {
    await source.close();
  }
}

function reportsOf(source: EventSource): readonly FileLogReport[] {
  return 'report' in source ? (source as FileSource).report() : [];
}
