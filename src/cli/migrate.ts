import { Command } from 'commander';
import { layerStyles } from '../exports/qgis/layer-style.js';
import { loadGazetteer } from '../store/gazetteer.js';
import { migrate } from '../store/migrate.js';
import { putLayerStyles } from '../store/queries/put-layer-styles.js';
import { answer, contextOf } from './context.js';
import { openDatabase } from './parts.js';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database schema up to this version; safe to run from many places at once')
    .action(async (options: { config?: string; json?: boolean }) => {
      const context = contextOf(options);
      const db = await openDatabase(context.config);
      try {
        const applied = await migrate(db);
        const features = await loadGazetteer(db);
        const styles = await putLayerStyles(db, layerStyles());
        const lines = applied.map((name) => `applied ${name}`);
        if (features > 0) lines.push(`loaded ${features} named features of the Moon`);
        if (styles > 0) lines.push(`wrote ${styles} styles for QGIS`);
        answer(
          context,
          { applied, features, styles },
          lines.length === 0 ? ['The schema is up to date.'] : lines,
        );
      } finally {
        await db.close();
      }
    });
}
