import type { Command } from 'commander';

interface ListedCommand {
  /** One line in the list of commands. */
  readonly summary: string;
  /** Loads what the command needs; the others stay unread, so that every command starts quickly. */
  readonly load: () => Promise<Command>;
}

/** Every command in the order of the list. */
export const COMMANDS: Readonly<Record<string, ListedCommand>> = {
  simulate: {
    summary: 'write a synthetic stream of ads and news, with its truth',
    load: async () => (await import('./simulate-command.js')).simulateCommand(),
  },
  init: {
    summary: 'propose a configuration for your own logs',
    load: async () => (await import('./init-command.js')).initCommand(),
  },
  validate: {
    summary: 'check a configuration against its log: PASS, WARN, FAIL',
    load: async () => (await import('./validate-command.js')).validateCommand(),
  },
  replay: {
    summary: 'learn over a bounded log, as fast as it goes',
    load: async () => (await import('./replay-command.js')).replayCommand(),
  },
  run: {
    summary: 'the same, going on from the newest checkpoint: what a service calls',
    load: async () => (await import('./run-command.js')).runCommand(),
  },
  control: {
    summary: 'tell a live learner to freeze, pause, resume, save, roll back',
    load: async () => (await import('./control-command.js')).controlCommand(),
  },
  inspect: {
    summary: 'what a checkpoint holds; --diff compares two',
    load: async () => (await import('./inspect-command.js')).inspectCommand(),
  },
  report: {
    summary: 'a run as one HTML page with its numbers; two runs side by side',
    load: async () => (await import('./report-command.js')).reportCommand(),
  },
  serve: {
    summary: 'score over HTTP with the newest model version',
    load: async () => (await import('./serve-command.js')).serveCommand(),
  },
  versions: {
    summary: 'lineage of model versions; roll back, release, verify',
    load: async () => (await import('./versions-command.js')).versionsCommand(),
  },
  export: {
    summary: 'a model version as an ONNX file',
    load: async () => (await import('./export-command.js')).exportCommand(),
  },
  lineage: {
    summary: 'which model version first learned from an event',
    load: async () => (await import('./lineage-command.js')).lineageCommand(),
  },
  unlearn: {
    summary: 'learn the log again without one user, and replace the versions',
    load: async () => (await import('./unlearn-command.js')).unlearnCommand(),
  },
  compare: {
    summary: 'two prediction files: AUC difference with its interval, by slice',
    load: async () => (await import('./compare-command.js')).compareCommand(),
  },
  experiment: {
    summary: "the paper's comparisons: leaderboard, ablations, transfer, moons",
    load: async () => (await import('./experiment-command.js')).experimentCommand(),
  },
  migrate: {
    summary: 'take a checkpoint over to changed learning keys',
    load: async () => (await import('./migrate-command.js')).migrateCommand(),
  },
  schema: {
    summary: "write the configuration's JSON Schema and reference",
    load: async () => (await import('./schema-command.js')).schemaCommand(),
  },
};
