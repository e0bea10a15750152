import type { Database, Queryable } from './database.js';

/**
 * Group roles, which nobody logs in as: a database's administrator grants them to users.
 * `selenoscan_read`: the views, for people. `selenoscan_writer`: what the daemon needs. `selenoscan_owner`: owns the
 * schemas, so that its members may migrate.
 */
const ROLES = ['selenoscan_read', 'selenoscan_writer', 'selenoscan_owner'] as const;

/** Another database of the same server may be creating them at this moment. */
const CREATE_ROLES = `
  DO $$ DECLARE role text; BEGIN
    FOREACH role IN ARRAY ARRAY['${ROLES.join("', '")}'] LOOP
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
        BEGIN
          EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
      END IF;
    END LOOP;
  END $$`;

/** Only a member may give away what it owns; a superuser is one of every role. */
const JOIN_OWNER = `
  DO $$ BEGIN
    IF NOT pg_has_role(current_user, 'selenoscan_owner', 'MEMBER') THEN
      EXECUTE format('GRANT selenoscan_owner TO %I', current_user);
    END IF;
    IF NOT has_database_privilege('selenoscan_owner', current_database(), 'CREATE') THEN
      EXECUTE format('GRANT CREATE ON DATABASE %I TO selenoscan_owner', current_database());
    END IF;
  END $$`;

/** Views act with the rights of their owner, who must be able to read the tables below them. */
const OWN = `
  DO $$ DECLARE what record; BEGIN
    FOR what IN
      SELECT format('SCHEMA %I', nspname) AS name FROM pg_namespace
      WHERE nspname IN ('selenoscan', 'selenoscan_data') AND nspowner <> 'selenoscan_owner'::regrole
      UNION ALL
      SELECT format('%s %s', CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, oid::regclass) FROM pg_class
      WHERE relnamespace IN ('selenoscan'::regnamespace, 'selenoscan_data'::regnamespace)
        AND relkind IN ('r', 'p', 'v') AND relowner <> 'selenoscan_owner'::regrole
      UNION ALL
      SELECT format('FUNCTION %s', oid::regprocedure) FROM pg_proc
      WHERE pronamespace IN ('selenoscan'::regnamespace, 'selenoscan_data'::regnamespace)
        AND proowner <> 'selenoscan_owner'::regrole
    LOOP
      EXECUTE format('ALTER %s OWNER TO selenoscan_owner', what.name);
    END LOOP;
  END $$`;

/**
 * Tables of QGIS, where there are any: its styles and projects, which people read and the daemon writes. They may be
 * somebody else's, who grants them.
 */
const QGIS_TABLES = `
  DO $$ DECLARE qgis regclass; BEGIN
    FOR qgis IN SELECT oid FROM pg_class
      WHERE relname IN ('layer_styles', 'qgis_projects') AND relkind = 'r'
        AND pg_has_role(current_user, relowner, 'USAGE')
        AND relnamespace IN ('public'::regnamespace, 'selenoscan'::regnamespace)
    LOOP
      EXECUTE format('GRANT SELECT ON %s TO selenoscan_read', qgis);
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO selenoscan_writer', qgis);
    END LOOP;
  END $$`;

/** PostGIS lets everybody read these; where an administrator took that back, QGIS finds no layers. */
const CATALOGUE_TABLES = `
  DO $$ DECLARE catalogue text; BEGIN
    FOREACH catalogue IN ARRAY ARRAY['spatial_ref_sys', 'geometry_columns', 'geography_columns'] LOOP
      IF to_regclass(catalogue) IS NOT NULL
        AND NOT has_table_privilege('selenoscan_read', catalogue, 'SELECT') THEN
        EXECUTE format('GRANT SELECT ON %s TO selenoscan_read, selenoscan_writer', catalogue);
      END IF;
    END LOOP;
  END $$`;

const GRANTS = [
  'GRANT USAGE ON SCHEMA selenoscan TO selenoscan_read, selenoscan_writer',
  'GRANT SELECT ON ALL TABLES IN SCHEMA selenoscan TO selenoscan_read, selenoscan_writer',
  'GRANT USAGE ON SCHEMA selenoscan_data TO selenoscan_writer',
  'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA selenoscan_data TO selenoscan_writer',
  // What only a migration writes.
  'REVOKE INSERT, UPDATE, DELETE ON selenoscan_data.migration, selenoscan_data.grid_cell FROM selenoscan_writer',
];

/**
 * Creates the three roles where they are absent, hands the schemas to their owner and grants each role what it
 * needs and no more; doing it again changes nothing. Any number of processes may call it at once.
 *
 * @returns null, or one sentence that says why the roles were left alone: a managed database may not let this user
 *   create roles. The program works without them.
 */
export async function grantRoles(db: Database): Promise<string | null> {
  try {
    await db.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
      await setUp(tx);
    });
    return null;
  } catch (error) {
    // Insufficient privilege.
    if (!['42501', 'database-denied'].includes(String((error as { code?: unknown }).code))) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return `The roles ${ROLES.join(', ')} were left alone (${reason}): let a user who may create roles run "selenoscan migrate" once, or grant SELECT on the views in the schema selenoscan by hand.`;
  }
}

/** Any number, the same in every version: whoever grants holds this lock. */
const LOCK = 7_309_453_482;

async function setUp(tx: Queryable): Promise<void> {
  for (const sql of [CREATE_ROLES, JOIN_OWNER, OWN, ...GRANTS, QGIS_TABLES, CATALOGUE_TABLES]) {
    await tx.query(sql);
  }
}
