import type { FuzzTarget } from '../support/target.js';
import { api } from './api.js';
import { config } from './config.js';
import { img } from './img.js';
import { indexLabel } from './index-label.js';
import { indexRecord } from './index-record.js';
import { isd } from './isd.js';
import { modelFolder } from './model-folder.js';
import { ode } from './ode.js';
import { pds3Label } from './pds3-label.js';
import { pds4Label } from './pds4-label.js';
import { tiff } from './tiff.js';

/** Every reader of what comes from outside. */
export const TARGETS: readonly FuzzTarget[] = [
  tiff,
  img,
  pds3Label,
  pds4Label,
  indexRecord,
  indexLabel,
  ode,
  isd,
  modelFolder,
  config,
  api,
];
