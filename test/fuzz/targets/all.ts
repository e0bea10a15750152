import type { FuzzTarget } from '../support/target.js';

/** Every reader of what comes from outside. */
export const TARGETS: readonly FuzzTarget[] = [
  {
    name: 'tiff',
    what: 'TIFF, BigTIFF and pyramidal TIFF of every compression',
    load: async () => (await import('./tiff.js')).tiff,
  },
  {
    name: 'img',
    what: 'PDS3 .IMG, raw and calibrated',
    load: async () => (await import('./img.js')).img,
  },
  {
    name: 'pds3-label',
    what: 'PDS3 labels of images',
    load: async () => (await import('./pds3-label.js')).pds3Label,
  },
  {
    name: 'pds4-label',
    what: 'PDS4 labels of images and browse images',
    load: async () => (await import('./pds4-label.js')).pds4Label,
  },
  {
    name: 'index-record',
    what: 'records of INDEX.TAB',
    load: async () => (await import('./index-record.js')).indexRecord,
  },
  {
    name: 'index-label',
    what: 'INDEX.LBL',
    load: async () => (await import('./index-label.js')).indexLabel,
  },
  {
    name: 'ode',
    what: 'answers of ODE',
    load: async () => (await import('./ode.js')).ode,
  },
  {
    name: 'isd',
    what: 'camera models (ISD)',
    load: async () => (await import('./isd.js')).isd,
  },
  {
    name: 'model-folder',
    what: 'model.json, calibration, reference and weights of a model folder',
    load: async () => (await import('./model-folder.js')).modelFolder,
  },
  {
    name: 'config',
    what: 'configuration: YAML and environment',
    load: async () => (await import('./config.js')).config,
  },
  {
    name: 'api',
    what: 'requests to the HTTP API: paths, queries, cursors, headers, bodies',
    load: async () => (await import('./api.js')).api,
  },
];
