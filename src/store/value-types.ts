import pg from 'pg';

/** `bigint` as a number: identities and counts stay far below 2^53. Overridden for our connections alone. */
export const valueTypes = new pg.TypeOverrides();
valueTypes.setTypeParser(pg.types.builtins.INT8, Number);
