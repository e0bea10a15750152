import type { ProjectViewName } from '../exports/qgis/project-views.js';
import type { Role } from '../domain/role.js';
import type { Controls } from '../http/control-routes.js';
import { remember } from '../http/remember.js';
import { startHttpServer } from '../http/server.js';
import { deploymentFacts } from '../pipeline/deployment-facts.js';
import { deploymentStatus } from '../pipeline/deployment-status.js';
import type { Shutdown } from '../pipeline/shutdown.js';
import type { Database } from '../store/database.js';
import { pauseLanes, resumeLanes } from '../store/queries/pauses.js';
import { putSetting } from '../store/queries/put-setting.js';
import { registerDeploymentMetrics } from '../telemetry/deployment-metrics.js';
import { LOG_LEVELS, logControl, toggleDebugBySignal, type LogLevel } from '../telemetry/log-level.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { CommandContext } from './context.js';
import { openLinkPads } from './open-deliverer.js';
import { qgisProject, type WriteGeoPackage } from './qgis-project.js';
import { createResultReader } from './result-reader.js';

/** How long all who ask for the state of the deployment share one look at it, ms. */
const FACTS_MS = 1000;

export interface ServeOptions {
  /** What of the deployment's work this process does. */
  readonly roles: ReadonlySet<Role>;
  /** Told the address when the server listens. */
  readonly onListening?: (address: string) => void;
  /** Where nobody can connect to the database: writes what a QGIS project carries of it. */
  readonly writeGeoPackage?: WriteGeoPackage;
}

/**
 * Health and metrics of this process; the page, its API and the project of QGIS where that is one of its roles.
 * @throws OperationalError where the address is taken
 */
export async function serveHttp(
  { config, log }: Pick<CommandContext, 'config' | 'log'>,
  db: Database,
  modelId: string,
  metrics: Metrics,
  options: ServeOptions,
  shutdown: Shutdown,
): Promise<void> {
  const { roles } = options;
  if (roles.has('poll') || roles.has('web'))
    registerDeploymentMetrics(
      metrics.registry,
      remember(FACTS_MS, () => deploymentFacts(db, modelId)),
    );
  const vitals = {
    ready: async () => void (await db.query('SELECT 1')),
    status: () => deploymentStatus(db, modelId),
  };
  const control = logControl(log);
  const unhook = toggleDebugBySignal(control);
  shutdown.onRelease('signal', () => Promise.resolve(unhook()));
  const controls: Controls = {
    lanes: {
      pause: (lanes, reason) => pauseLanes(db, lanes, reason),
      resume: (lanes) => resumeLanes(db, lanes),
    },
    log: { levels: LOG_LEVELS, level: control.level, set: (level) => control.set(level as LogLevel) },
  };
  const page = roles.has('web')
    ? {
        results: createResultReader(db),
        project: (view: ProjectViewName) => qgisProject(config, db, view, options.writeGeoPackage),
      }
    : {};
  const listen = { ...config.http, links: await openLinkPads(config, db) };
  const server = await startHttpServer({ listen, vitals, metrics, controls, ...page });
  shutdown.onRelease('http', () => server.close());
  if (roles.has('web'))
    await putSetting(db, 'http.url', config.http.url === '' ? server.address : config.http.url);
  log.info({ address: server.address }, 'Http:Listening');
  options.onListening?.(server.address);
}
