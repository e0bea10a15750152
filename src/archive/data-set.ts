/** The two NAC image data sets. EDR volumes count from 0, CDR volumes from 1000 (lroc-archive 1.1). */
export type DataSet = 'cdr' | 'edr';

/** Archive directory and DATA_SET_ID of a data set. */
export const DATA_SET_IDS: Readonly<Record<DataSet, string>> = {
  cdr: 'LRO-L-LROC-3-CDR-V1.0',
  edr: 'LRO-L-LROC-2-EDR-V1.0',
};
