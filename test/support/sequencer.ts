import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Rooms of tests that start whole programs: their files take long, however small they are. */
const LONG = /^test\/(chaos|pipeline|cli|page|sites|training|store)\//;

/**
 * Begins with the rooms whose tests take longest, so that none of their files is left over at the end for one worker
 * alone; within a room the order is that of vitest: large files first.
 */
export default class LongRoomsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rankOf = ({ moduleId }: TestSpecification) => {
      const [, room] = LONG.exec(relative(this.ctx.config.root, moduleId).replaceAll('\\', '/')) ?? [];
      return room === 'chaos' ? 0 : room === undefined ? 2 : 1;
    };
    return sorted
      .map((file) => ({ file, rank: rankOf(file) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ file }) => file);
  }
}
