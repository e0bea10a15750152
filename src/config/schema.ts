import { z } from 'zod';
import { alerts } from './sections/alerts.js';
import { archive } from './sections/archive.js';
import { database } from './sections/database.js';
import { detection } from './sections/detection.js';
import { drift } from './sections/drift.js';
import { geo } from './sections/geo.js';
import { gis } from './sections/gis.js';
import { http } from './sections/http.js';
import { log } from './sections/log.js';
import { model } from './sections/model.js';
import { queue } from './sections/queue.js';
import { retention } from './sections/retention.js';
import { scoring } from './sections/scoring.js';
import { sites } from './sections/sites.js';
import { tiling } from './sections/tiling.js';

/** The whole configuration: each section's keys, with default, bounds, unit and effect, are in its file. */
export const configSchema = z.strictObject({
  archive: archive.prefault({}),
  tiling: tiling.prefault({}),
  scoring: scoring.prefault({}),
  detection: detection.prefault({}),
  drift: drift.prefault({}),
  geo: geo.prefault({}),
  model: model.prefault({}),
  database: database.prefault({}),
  queue: queue.prefault({}),
  sites: sites.prefault({}),
  http: http.prefault({}),
  gis: gis.prefault({}),
  retention: retention.prefault({}),
  alerts: alerts.prefault({}),
  log: log.prefault({}),
});

export type Config = z.infer<typeof configSchema>;

/** The sections with their key schemas, in the order of `configSchema`, which the written files have too. */
export const sections: Readonly<Record<string, Readonly<Record<string, z.ZodType>>>> = Object.fromEntries(
  Object.entries(configSchema.shape).map(([name, section]) => [name, section.unwrap().shape]),
);
