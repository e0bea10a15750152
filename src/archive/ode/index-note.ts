import { indexColumns, recordBytes } from '../index/index-columns.js';
import { parseIndexRecord, type IndexRow } from '../index/index-record.js';
import type { OdeRecord } from './ode-record.js';

/**
 * The row of INDEX.TAB that ODE copies into its notes, as it does for other instruments (whether for LROC was not
 * seen). It tells what ODE's own fields lack: lines and samples, azimuths, quality bits. It is taken only where it is
 * byte for byte a record of its volume, blanks and all: then it is cut, checked and hashed like one, so that a
 * product found by ODE and by the index is one version. null otherwise.
 */
export function rowOfNotes(record: OdeRecord): IndexRow | null {
  const notes = record.ODE_notes.ODE_note;
  const text = notes[notes.findIndex((note) => note.trim() === 'NOTE: Index Record:') + 1] ?? '';
  const [, volumeId] = /^"(LROLRC_\d{4}[ABC]?)"/.exec(text) ?? [];
  if (volumeId === undefined) return null;
  const bytes = Buffer.from(`${text.replace(/[\r\n]+$/, '')}\r\n`, 'latin1');
  if (bytes.length !== recordBytes(volumeId) || !isAligned(bytes, volumeId)) return null;
  const columns = new Map(
    indexColumns(volumeId).map(({ name, startByte, bytes: width }) => [
      name,
      { start: startByte - 1, bytes: width },
    ]),
  );
  return parseIndexRecord(bytes, columns);
}

/** Whether every column ends with its quote and a comma, the last one with the line. */
function isAligned(record: Buffer, volumeId: string): boolean {
  return indexColumns(volumeId).every(({ startByte, bytes, quoted }, n, all) => {
    const after = startByte - 1 + bytes;
    const end = (quoted ? '"' : '') + (n === all.length - 1 ? '\r\n' : ',');
    return record.toString('latin1', after, after + end.length) === end;
  });
}
