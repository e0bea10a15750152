import { Command } from 'commander';
import { UsageError } from '../domain/errors.js';
import { applyCalibration, learnCalibration } from '../pipeline/calibrations.js';
import { otherModel } from '../pipeline/same-model.js';
import type { Database } from '../store/database.js';
import { activateModel } from '../store/queries/activate-model.js';
import { activeModel } from '../store/queries/active-model.js';
import { listModels, type ModelRow } from '../store/queries/list-models.js';
import { startProgress } from '../telemetry/progress.js';
import { answer, contextOf, withCommonOptions, type CommandContext } from './context.js';
import { exportModelCommand } from './export-model.js';
import { EMBEDDED_OPTION, openCurrentDatabase, openModel } from './parts.js';

interface ModelArguments {
  readonly embedded?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** `selenoscan model list|activate|calibrate|export` */
export function modelCommand(): Command {
  const command = new Command('model').description('models of this deployment and their calibrations');
  command.addCommand(
    onDatabase(new Command('list').description('models that the database knows, the active one first'), list),
  );
  command.addCommand(
    onDatabase(
      new Command('activate')
        .description('make a model the one whose results people see; daemons need its folder as model.path')
        .argument('<id>', 'name@hash, as `model list` shows it'),
      activate,
    ),
  );
  command.addCommand(
    onDatabase(
      new Command('calibrate').description(
        'learn anew, from the scans of the active model, what scores plain terrain has, and give all detections their new scores; nothing is scanned again',
      ),
      calibrate,
    ),
  );
  command.addCommand(exportModelCommand());
  return command;
}

type Work = (context: CommandContext, db: Database, id: string) => Promise<void>;

function onDatabase(command: Command, work: Work): Command {
  return withCommonOptions(command.option(...EMBEDDED_OPTION))
    .exitOverride()
    .action(async (...given: unknown[]) => {
      const id = typeof given[0] === 'string' ? given[0] : '';
      const options: ModelArguments = command.optsWithGlobals();
      const context = contextOf(options);
      const db = await openCurrentDatabase(context.config, options.embedded, { existing: true });
      try {
        await work(context, db, id);
      } finally {
        await db.close();
      }
    });
}

async function list(context: CommandContext, db: Database): Promise<void> {
  const models = await listModels(db);
  const lines = models.map(modelLine);
  answer(
    context,
    { models },
    lines.length > 0 ? lines : ['No model is known yet: nothing was ever run here.'],
  );
}

function modelLine(model: ModelRow): string {
  const calibration =
    model.calibration_version === 0
      ? "the folder's calibration"
      : `calibration ${model.calibration_version} of ${model.calibrated_at?.toISOString()}, learnt from ${model.calibrated_on_scans} scans`;
  return `${model.active ? '*' : ' '} ${model.id}  ${model.scans} scans, ${model.current_detections} detections shown, ${calibration}`;
}

async function activate(context: CommandContext, db: Database, id: string): Promise<void> {
  if (!(await listModels(db)).some((model) => model.id === id))
    throw new UsageError(
      `The database does not know the model ${id}; \`selenoscan model list\` shows those it knows.`,
    );
  await activateModel(db, id);
  answer(context, { model: id }, [`${id} is active.`]);
}

async function calibrate(context: CommandContext, db: Database): Promise<void> {
  const model = await openModel(context.config);
  const active = await activeModel(db);
  if (active === null)
    throw new UsageError('No model is active yet, so nothing was ever scanned; run `selenoscan run` first.');
  if (active !== model.id) throw otherModel(active, model.id);
  const learnt = await learnCalibration(db, model);
  const total = (await listModels(db)).find(({ id }) => id === model.id)?.scans ?? 0;
  const progress = startProgress(context.log, 'scores', total, 'scans');
  const applied = await applyCalibration(db, model.id, learnt, (scans) => progress.update(scans)).finally(
    () => progress.stop(),
  );
  const { version, scans, tiles } = learnt;
  answer(context, { model: model.id, version, scans, tiles, rescored: applied }, [
    `Calibration ${version} of ${model.id} was learnt from ${tiles} tiles of ${scans} scans.`,
    `${applied.detections} detections of ${applied.scans} scans have their new scores.`,
  ]);
}
