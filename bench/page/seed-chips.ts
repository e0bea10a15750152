import sharp from 'sharp';
import { createRandom } from '../../src/domain/random.js';
import type { Database } from '../../src/store/database.js';

/** Pictures that differ; detections share them in turn. */
const PICTURES = 64;
/** Detections from this score on have pictures: one in thirty, more than are scrolled to. */
const FROM_SCORE = 1.5;

/** Gives the best detections pictures of the size of real ones: grey noise, which PNG packs as badly as terrain. */
export async function seedChips(db: Database, note: (text: string) => void): Promise<void> {
  const random = createRandom(1);
  const noise = (size: number, channels: 1 | 3): Promise<Buffer> => {
    const pixels = Uint8Array.from({ length: size * size * channels }, () => 90 + random.integer(60));
    return sharp(pixels, { raw: { width: size, height: size, channels } })
      .png()
      .toBuffer();
  };
  await db.query('CREATE TABLE picture (n integer PRIMARY KEY, tile bytea, colours bytea, context bytea)');
  for (let n = 0; n < PICTURES; n++)
    await db.query('INSERT INTO picture VALUES ($1, $2, $3, $4)', [
      n,
      await noise(64, 1),
      await noise(64, 3),
      await noise(256, 1),
    ]);
  await db.query(`INSERT INTO selenoscan_data.chip (detection_pk, tile, reconstruction, error, context)
    SELECT d.id, p.tile, p.tile, p.colours, p.context
    FROM selenoscan_data.detection d JOIN picture p ON p.n = d.id % ${PICTURES}
    WHERE d.score > ${FROM_SCORE}`);
  note('pictures');
}
