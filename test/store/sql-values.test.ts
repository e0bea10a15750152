import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sqlParts, type SqlPart } from '../support/sql-parts.js';

interface Allowed {
  readonly file: RegExp;
  readonly expressions: readonly string[];
  /** Why no value from outside gets into the text. */
  readonly reason: string;
}

/** Parts of statements that are neither constants of a file nor placeholders, each looked at by a person. */
const ALLOWED: readonly Allowed[] = [
  {
    file: /store\/conditions\.ts$/,
    expressions: [
      'column',
      'part(west, 180)',
      'part(-180, east)',
      'west <= east ? part(west, east) : `(${part(west, 180)} OR ${part(-180, east)})`',
      "this.#clauses.join(' AND ')",
    ],
    reason: 'a column named by the caller in its code; the numbers of a box become placeholders',
  },
  {
    file: /store\/(queries\/find-detections|detection-conditions)\.ts$/,
    expressions: ['left', 'operator'],
    reason: 'words that the same function gives to its own helper',
  },
  {
    file: /store\/export-selection\.ts$/,
    expressions: [
      'of(view.name)',
      "of('detections')",
      'column',
      'operator',
      '() => `${column} IS NOT NULL`',
      '() => `${column} IS NULL`',
      'clause((value) => this.#conditions.add(value))',
    ],
    reason: 'views and columns as the catalogue of the database names them; values become placeholders',
  },
  {
    file: /store\/export-reader\.ts$/,
    expressions: ['sql', 'listOf(view, form)', 'parameters.length + 1'],
    reason:
      'a statement of export-selection, columns of the catalogue in quotes, the number of a placeholder',
  },
  {
    file: /store\/(read-snapshot|queries\/upsert-products|embedded\/embedded-database|postgres\/open-postgres)\.ts$/,
    expressions: ['sql', 'new pgp.ParameterizedQuery({ text: sql, values: [...parameters] })'],
    reason: 'a statement that is handed on with its parameters',
  },
  {
    file: /store\/queries\/scan-rows\.ts$/,
    expressions: ['selected'],
    reason: 'FROM and WHERE of export-selection',
  },
  {
    file: /store\/queries\/model-view\.ts$/,
    expressions: ['d', 's', 'model'],
    reason: "aliases in the database's own text of a view, and the placeholder of the model",
  },
  {
    file: /store\/queries\/tag-detections\.ts$/,
    expressions: ['which'],
    reason: 'conditions that the file writes itself',
  },
  {
    file: /store\/(alert-match|queries\/activate-model)\.ts$/,
    expressions: ['changed', 'status', 'change'],
    reason: 'statements and columns of the calling query, written there',
  },
  {
    file: /store\/queries\/read-picture\.ts$/,
    expressions: ['picture'],
    reason: 'one of four words by its type; the routes are made of the same list',
  },
  {
    file: /store\/queries\/vacuum\.ts$/,
    expressions: ['table'],
    reason: 'a name from pg_class that is held to lower-case letters; VACUUM takes no parameters',
  },
  {
    file: /store\/migrate\.ts$/,
    expressions: ['next.sql'],
    reason: 'a file of the program, by its checksum',
  },
  { file: /store\/roles\.ts$/, expressions: ['reason'], reason: 'a sentence for people, no statement' },
  {
    file: /scoring\/engines\/[\w-]+\.ts$/,
    expressions: ['inside', 'valid.greater(0)'],
    reason: 'tensors, whose choosing is called where as well, no statement',
  },
  {
    file: /exports\/geopackage\/[\w-]+\.ts$/,
    expressions: ['*'],
    reason: 'a file that this process makes: names of layers and columns in quotes, values by parameters',
  },
];

function isAllowed({ file, expression }: SqlPart): boolean {
  return ALLOWED.some(
    (entry) =>
      entry.file.test(file) && (entry.expressions.includes(expression) || entry.expressions[0] === '*'),
  );
}

it('SQL is made of constants and placeholders; every other part is listed with the reason why it is safe', () => {
  const parts = sqlParts(process.cwd());
  expect(parts.length).toBeGreaterThan(20);
  const told = parts.filter((part) => !isAllowed(part));
  expect(told.map(({ file, line, expression }) => `${file}:${line}: ${expression}`)).toEqual([]);
});

it('a value in the text of a statement is found, however it gets there', () => {
  const root = mkdtempSync(join(tmpdir(), 'selenoscan-sql-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'src/store/queries'), { recursive: true });
  writeFileSync(
    join(root, 'src/store/queries/bad.ts'),
    `const TABLE = 'detection';
     const NAMES = ['a', 'b'];
     type Kind = 'tile' | 'error';
     export async function bad(db, given: string, kind: Kind, n: number) {
       const local = given + 'x';
       const fine = NAMES.map((name) => name + TABLE).join(', ');
       await db.query(\`SELECT \${fine}, \${kind} FROM \${TABLE} LIMIT \${n}\`);
       await db.query(\`SELECT * FROM t WHERE id = \${given}\`);
       await db.query('SELECT * FROM t WHERE id = ' + given);
       await db.query(\`whatever \${local}\`);
       await db.query(local);
       conditions.where(\`name = \${conditions.add(given)} \${given.trim()}\`);
       const text = \`DELETE FROM t WHERE name = '\${given}'\`;
       for (const name of given.split(',')) await db.query(\`DROP TABLE \${name}\`);
       for (const name of ['a', 'b'] as const) await db.query(\`DROP TABLE \${name}\`);
     }`,
  );
  expect(sqlParts(root).map(({ line, expression }) => `${line} ${expression}`)).toEqual([
    '8 given',
    "9 'SELECT * FROM t WHERE id = ' + given",
    '9 given',
    '10 local',
    '11 local',
    '12 given.trim()',
    '13 given',
    '14 name',
  ]);
});
