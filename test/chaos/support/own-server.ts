import { onTestFinished } from 'vitest';
import { createClusterFolder, startCluster, stopCluster } from '../../../scripts/test/cluster.js';
import type { Database } from '../../../src/store/database.js';
import { migrate } from '../../../src/store/migrate.js';
import { openPostgres } from '../../../src/store/postgres/open-postgres.js';

/** A PostgreSQL server that one test does with as it likes. */
export interface OwnServer {
  /** Of scripts/test/cluster.js, for stopping and starting it. */
  readonly folder: string;
  /** A migrated database on it. */
  readonly url: string;
  readonly db: Database;
  /** The server's own database, as its superuser. */
  readonly adminUrl: string;
}

/** @param tablespace folder that the database's files lie in, instead of the server's */
export async function ownServer(tablespace?: string): Promise<OwnServer> {
  const folder = createClusterFolder();
  // What was acknowledged must outlive a server that is stopped in the middle.
  const adminUrl = await startCluster(folder, { synchronous_commit: 'on' });
  const admin = await openPostgres({ url: adminUrl, poolSize: 1 });
  if (tablespace !== undefined) await admin.query(`CREATE TABLESPACE small LOCATION '${tablespace}'`);
  await admin.query(
    `CREATE DATABASE moon TEMPLATE template0${tablespace === undefined ? '' : ' TABLESPACE small'}`,
  );
  await admin.close();
  const url = adminUrl.replace(/\/postgres$/, '/moon');
  const db = await openPostgres({ url, poolSize: 2 });
  await migrate(db);
  onTestFinished(async () => {
    await db.close().catch(() => undefined);
    stopCluster(folder);
  });
  return { folder, url, db, adminUrl };
}
