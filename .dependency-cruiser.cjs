/** Who may import whom (ARCHITECTURE.md, "Rooms"). */
const STAGES =
  'codec|ordering|features|history|statistics|linear|join|evaluation|batching|parameters|model|zoo|checkpoint';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^(src/(?!core/)|pipelines/)' },
    },
    {
      name: 'stages-import-core-only',
      severity: 'error',
      from: { path: `^src/(${STAGES})/` },
      to: { path: '^(src/|pipelines/)', pathNot: ['^src/core/', '^src/$1/', '^src/parameters/', '^src/model/'] },
    },
    {
      name: 'only-the-zoo-imports-the-model',
      severity: 'error',
      from: { path: `^src/(${STAGES})/`, pathNot: '^src/(model|zoo)/' },
      to: { path: '^src/model/' },
    },
    {
      name: 'only-models-and-linear-import-parameters',
      severity: 'error',
      from: { path: `^src/(${STAGES})/`, pathNot: '^src/(model|zoo|linear|parameters)/' },
      to: { path: '^src/parameters/' },
    },
    {
      name: 'adapters-import-stages-only',
      severity: 'error',
      from: { path: '^src/(kafka|registry|sources|sinks|training|client|server|telemetry|report|kernel|onnx)/' },
      to: { path: '^(src/(config|cli|experiments|verify)/|pipelines/)' },
    },
    {
      name: 'versions-import-core-and-checkpoint-only',
      severity: 'error',
      from: { path: '^src/versions/' },
      to: { path: '^(src/|pipelines/)', pathNot: '^src/(versions|core|checkpoint)/' },
    },
    { name: 'nothing-imports-cli', severity: 'error', from: { pathNot: '^src/cli/' }, to: { path: '^src/cli/' } },
    {
      name: 'zod-and-yaml-only-in-config',
      severity: 'error',
      from: { pathNot: '^src/config/' },
      to: { path: 'node_modules/(zod|yaml)/' },
    },
    {
      name: 'rxjs-only-in-pipelines-and-edges',
      severity: 'error',
      from: { pathNot: '^(pipelines/|src/(sources|sinks|client)/)' },
      to: { path: 'node_modules/rxjs/' },
    },
    {
      name: 'tensors-only-in-training-and-models',
      severity: 'error',
      from: { pathNot: '^src/(model|zoo|training)/' },
      to: { path: 'node_modules/@tensorflow/' },
    },
    {
      name: 'telemetry-only-in-its-room',
      severity: 'error',
      from: { pathNot: '^(src/telemetry/|bench/|test/)' },
      to: { path: 'node_modules/@opentelemetry/' },
    },
    {
      name: 'http-server-only-in-its-room',
      severity: 'error',
      from: { pathNot: '^src/server/' },
      to: { path: 'node_modules/fastify/' },
    },
    {
      name: 'kafka-only-at-the-edges',
      severity: 'error',
      from: { pathNot: '^src/(kafka/|sources/kafka|sinks/kafka|client/kafka)' },
      to: { path: 'node_modules/kafkajs/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node'] },
  },
};
