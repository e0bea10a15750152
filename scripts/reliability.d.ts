import type { ChaosRecord } from '../test/chaos/support/record.js';

export function reliabilityTable(records: readonly ChaosRecord[]): string;
export function withTable(text: string, table: string): string;
export function readRecords(folder: string): ChaosRecord[];
