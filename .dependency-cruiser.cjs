/** The arrows of the house: data flows one way, no room reaches back. Rooms know `domain/` and themselves. */
const rooms = [
  'config',
  'domain',
  'archive',
  'raster',
  'tiling',
  'model',
  'training',
  'scoring',
  'detection',
  'geo',
  'store',
  'telemetry',
  'http',
  'simulation',
  'replica',
  'pipeline',
  'workers',
  'cli',
];

/** What a room may import beside `domain/` and itself. */
const allowed = {
  config: [],
  domain: [],
  archive: [],
  raster: [],
  tiling: [],
  model: [],
  training: ['model', 'tiling', 'scoring', 'raster'],
  scoring: ['tiling', 'workers'],
  detection: [],
  geo: [],
  store: ['workers'],
  telemetry: [],
  http: ['telemetry'],
  simulation: [],
  replica: ['archive', 'simulation', 'workers'],
  pipeline: [
    'archive',
    'config',
    'detection',
    'geo',
    'http',
    'model',
    'raster',
    'scoring',
    'store',
    'telemetry',
    'tiling',
  ],
  workers: ['scoring', 'tiling', 'simulation', 'store'],
  cli: rooms,
};

module.exports = {
  forbidden: [
    ...Object.entries(allowed).map(([room, others]) => ({
      name: `${room}-arrows`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(${[room, 'domain', ...others].join('|')})/` },
    })),
    {
      name: 'rxjs-only-in-pipeline',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/pipeline/' },
      to: { path: 'node_modules/rxjs' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
