import { indexColumns, recordBytes } from '../../archive/index/index-columns.js';
import { parseContentRange } from '../../archive/http/content-range.js';
import { parsePds3Label } from '../../archive/index/pds3-label.js';
import { endOfVolume } from '../../archive/index/volume-calendar.js';
import { assumed, told, type Question } from './question.js';

/** The newest volume when the calendar was inferred. */
const NEWEST_SEEN = { cdr: 'LROLRC_1067A', edr: 'LROLRC_0067A' } as const;
const DAY_MS = 86_400_000;

/** What the archive's volumes and their indexes are. */
export const INDEX_QUESTIONS: readonly Question[] = [
  {
    text: 'Which volume is the newest, and does the calendar still name the volumes beyond 1067A?',
    async answer(facts) {
      const { volumeId, absent } = await facts.newest();
      const seen = NEWEST_SEEN[facts.config.archive.dataset];
      const not = absent.map((each) => each.volumeId).join(', ');
      const beyond =
        volumeId > seen
          ? `so the rule holds beyond ${seen}`
          : `which does not show whether the rule holds beyond ${seen}`;
      return assumed(
        volumeId >= seen,
        `${volumeId} is there${not === '' ? '' : `, ${not} are not`}: named by the calendar, ${beyond}`,
      );
    },
  },
  {
    text: 'How does the host say that a volume is not there yet: 403 or 404?',
    async answer(facts) {
      const statuses = [...new Set((await facts.newest()).absent.map(({ status }) => status))];
      if (statuses.length === 0) return told('not seen: the latest volume of the calendar is there already');
      return assumed(
        statuses.every((status) => status === 403 || status === 404),
        `HTTP ${statuses.join(' and ')}`,
      );
    },
  },
  {
    text: 'How long after the end of its month is a volume released?',
    async answer(facts) {
      const { volumeId, label } = await facts.newest();
      const end = endOfVolume(volumeId, facts.config.archive.dataset);
      const made = label.headers.get('last-modified') ?? '';
      const lag = (time: number) => `${Math.round((time - end.getTime()) / DAY_MS)} days`;
      const change = Number.isNaN(Date.parse(made)) ? 'an unknown time' : lag(Date.parse(made));
      return told(
        `${volumeId} ended on ${end.toISOString().slice(0, 10)}; its label last changed ${change} after that, and today is ${lag(facts.clock.now().getTime())} after that`,
      );
    },
  },
  {
    text: 'Does INDEX.LBL state the record length, the number of rows and the MD5 of the table?',
    async answer(facts) {
      const { volumeId, label } = await facts.newest();
      const layout = await facts.layout();
      const keys = [...parsePds3Label(label.body.toString('latin1')).values.keys()];
      const right =
        layout.recordBytes === recordBytes(volumeId) && layout.rows !== null && layout.md5 !== null;
      return assumed(
        right,
        `RECORD_BYTES ${layout.recordBytes}, ${layout.rows ?? 'no'} rows, MD5 ${layout.md5 ?? 'not stated'}; ${label.body.length} bytes; its keywords: ${keys.join(' ')}`,
      );
    },
  },
  {
    text: 'Does INDEX.LBL have the 83 columns where they are expected?',
    async answer(facts) {
      const { volumeId } = await facts.newest();
      const { columns } = await facts.layout();
      const expected = indexColumns(volumeId);
      const differ = expected.filter(({ name, startByte, bytes }) => {
        const span = columns.get(name);
        return span?.start !== startByte - 1 || span.bytes !== bytes;
      });
      const known = new Set<string>(expected.map(({ name }) => name));
      const extra = [...columns.keys()].filter((name) => !known.has(name));
      const lists = [
        ...(differ.length === 0 ? [] : [`elsewhere or missing: ${differ.map(({ name }) => name).join(' ')}`]),
        ...(extra.length === 0 ? [] : [`not expected: ${extra.join(' ')}`]),
      ];
      return assumed(lists.length === 0, [`${columns.size} columns`, ...lists].join('; '));
    },
  },
  {
    text: 'Is INDEX.TAB as long as its label says, and served by ranges?',
    async answer(facts) {
      const { heard, records } = await facts.records(0.5);
      const { recordBytes: length, rows } = await facts.layout();
      const range = parseContentRange(heard.headers.get('content-range'));
      const total = range?.total ?? null;
      const expected = rows === null ? null : rows * length;
      const aligned = records.every((record) => record[0] === 0x22 && record[length - 1] === 0x0a);
      return assumed(
        heard.status === 206 && total === expected && records.length > 0 && aligned,
        `HTTP ${heard.status}, ${total ?? 'unknown'} bytes where ${expected ?? 'nothing'} follows from the label; records ${aligned ? 'line up' : 'do not line up'}`,
      );
    },
  },
];
