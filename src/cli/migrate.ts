import { Command } from 'commander';
import { layerStyles } from '../exports/qgis/layer-style.js';
import { migrate } from '../store/migrate.js';
import { putLayerStyles } from '../store/queries/put-layer-styles.js';
import { loadReference } from '../store/reference.js';
import { grantRoles } from '../store/roles.js';
import { answer, contextOf } from './context.js';
import { openDatabase } from './parts.js';
import { refreshQgisProjects } from './qgis-project.js';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database schema up to this version; safe to run from many places at once')
    .action(async (options: { config?: string; json?: boolean }) => {
      const context = contextOf(options);
      const db = await openDatabase(context.config);
      try {
        const applied = await migrate(db);
        const { features, knownObjects, retagged } = await loadReference(db);
        const styles = await putLayerStyles(db, layerStyles());
        const projects = await refreshQgisProjects(context.config, db);
        const notice = await grantRoles(db);
        const lines = applied.map((name) => `applied ${name}`);
        if (features > 0) lines.push(`loaded ${features} named features of the Moon`);
        if (knownObjects > 0) lines.push(`loaded ${knownObjects} known objects`);
        if (retagged > 0)
          lines.push(`tagged ${retagged} detections and sites anew, as known objects changed`);
        if (styles > 0) lines.push(`wrote ${styles} styles for QGIS`);
        if (projects > 0) lines.push(`wrote ${projects} projects for QGIS anew`);
        if (lines.length === 0) lines.push('The schema is up to date.');
        if (notice !== null) lines.push(notice);
        answer(
          context,
          { applied, features, known_objects: knownObjects, retagged, styles, projects, notice },
          lines,
        );
      } finally {
        await db.close();
      }
    });
}
