/** Where the layers of a project come from. */
export type ProjectSource =
  | { readonly kind: 'postgres'; readonly connection: GisConnection }
  /** A GeoPackage within the project file. */
  | { readonly kind: 'geopackage'; readonly file: string };

/**
 * How GIS users reach the database. It holds no password: QGIS asks for one, or takes it from its own store.
 */
export interface GisConnection {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly sslmode?: string | undefined;
  /** Entry of the user's pg_service.conf. */
  readonly service?: string | undefined;
  /** Id of an entry in QGIS's store of authentications. */
  readonly authcfg?: string | undefined;
}

/** A view of the schema `selenoscan`, or the table of a GeoPackage that bears its name. */
export interface ViewSource {
  readonly view: string;
  readonly geometry: 'Point' | 'Polygon' | 'MultiPolygon';
  /** SQL condition that rows must meet. */
  readonly filter?: string | undefined;
}

/** Where a file that is packed into the project file is found. */
export function attached(file: string): string {
  return `attachment:${file}`;
}

/** The source of a layer as QGIS's providers read it. */
export function dataSource(source: ProjectSource, view: ViewSource): { provider: string; uri: string } {
  if (source.kind === 'postgres') return { provider: 'postgres', uri: postgresUri(source.connection, view) };
  return { provider: 'ogr', uri: `${attached(source.file)}|layername=${view.view}` };
}

/**
 * A view has no primary key and no statistics: without the key and the switches QGIS would look through all
 * rows to find a unique column, to count them and to know where they lie.
 */
function postgresUri(connection: GisConnection, { view, geometry, filter }: ViewSource): string {
  return [
    ...connectionParts(connection),
    `key='id'`,
    `checkPrimaryKeyUnicity='0'`,
    'estimatedmetadata=true',
    'srid=30100',
    `type=${geometry}`,
    `table="selenoscan"."${view}" (geom)`,
    // All that follows belongs to the condition.
    ...(filter === undefined ? [] : [`sql=${filter}`]),
  ].join(' ');
}

function connectionParts(connection: GisConnection): string[] {
  const { service, database, host, port, user, sslmode, authcfg } = connection;
  return [
    ...(service === undefined ? [] : [`service=${quoted(service)}`]),
    ...(database === undefined ? [] : [`dbname=${quoted(database)}`]),
    ...(host === undefined ? [] : [`host=${quoted(host)}`]),
    ...(port === undefined ? [] : [`port=${port}`]),
    ...(user === undefined ? [] : [`user=${quoted(user)}`]),
    ...(sslmode === undefined ? [] : [`sslmode=${sslmode}`]),
    ...(authcfg === undefined ? [] : [`authcfg=${authcfg}`]),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
