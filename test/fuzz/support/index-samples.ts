import { planVolume } from '../../../src/replica/volume.js';
import { volumePeriod } from '../../../src/replica/volume-period.js';

/** INDEX.TAB and INDEX.LBL of small volumes with both lengths of records. */
export function indexSamples(): { table: Buffer; label: Buffer }[] {
  return ['LROLRC_1003', 'LROLRC_1067A'].map((id) => {
    const { table, label } = planVolume(volumePeriod(id), { seed: 7, images: 4, lines: 4096, samples: 5064 });
    return { table: Buffer.from(table.body), label: Buffer.from(label.body) };
  });
}
