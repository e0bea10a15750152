import { quoted } from './tables.js';

/** The R-tree of a layer. @see https://www.geopackage.org/spec130/#extension_rtree */

export function indexName(table: string, column: string): string {
  return `rtree_${table}_${column}`;
}

export function createIndex(table: string, column: string): string {
  return `CREATE VIRTUAL TABLE ${quoted(indexName(table, column))} USING rtree(id, minx, maxx, miny, maxy)`;
}

/**
 * Triggers by which programs that edit the file keep its index right. They call ST_IsEmpty and its like, which
 * those programs bring: they are made after the rows.
 */
export function indexTriggers(table: string, column: string, key: string): string[] {
  const [t, g, i] = [quoted(table), quoted(column), quoted(key)];
  const rtree = quoted(indexName(table, column));
  const name = (what: string) => quoted(`${indexName(table, column)}_${what}`);
  const box = `ST_MinX(NEW.${g}), ST_MaxX(NEW.${g}), ST_MinY(NEW.${g}), ST_MaxY(NEW.${g})`;
  const there = `(NEW.${g} NOTNULL AND NOT ST_IsEmpty(NEW.${g}))`;
  const gone = `(NEW.${g} ISNULL OR ST_IsEmpty(NEW.${g}))`;
  const put = `INSERT OR REPLACE INTO ${rtree} VALUES (NEW.${i}, ${box});`;
  return [
    `CREATE TRIGGER ${name('insert')} AFTER INSERT ON ${t} WHEN ${there} BEGIN ${put} END`,
    `CREATE TRIGGER ${name('update1')} AFTER UPDATE OF ${g} ON ${t} WHEN OLD.${i} = NEW.${i} AND ${there} BEGIN ${put} END`,
    `CREATE TRIGGER ${name('update2')} AFTER UPDATE OF ${g} ON ${t} WHEN OLD.${i} = NEW.${i} AND ${gone}
     BEGIN DELETE FROM ${rtree} WHERE id = OLD.${i}; END`,
    `CREATE TRIGGER ${name('update3')} AFTER UPDATE ON ${t} WHEN OLD.${i} != NEW.${i} AND ${there}
     BEGIN DELETE FROM ${rtree} WHERE id = OLD.${i}; ${put} END`,
    `CREATE TRIGGER ${name('update4')} AFTER UPDATE ON ${t} WHEN OLD.${i} != NEW.${i} AND ${gone}
     BEGIN DELETE FROM ${rtree} WHERE id IN (OLD.${i}, NEW.${i}); END`,
    `CREATE TRIGGER ${name('delete')} AFTER DELETE ON ${t} WHEN OLD.${g} NOT NULL
     BEGIN DELETE FROM ${rtree} WHERE id = OLD.${i}; END`,
  ];
}
