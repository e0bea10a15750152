import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { archiveRequest, type ArchiveRequest } from '../../src/replica/archive-request.js';
import { FaultRules } from '../../src/replica/fault-rules.js';
import { parseFaultScript, type FaultRule } from '../../src/replica/fault-script.js';
import { archiveUrls, testReplica } from './support.js';

const STORE = '/data/store/img/lunar_reconnaissance_orbiter/pds4/lroc/lro-l-lroc-3-cdr/LROLRC_1067A';
const FRONT = '/data/LRO-L-LROC-3-CDR-V1.0/LROLRC_1067A';
const INDEX = `${STORE}/INDEX/INDEX.TAB`;
const browse = (id: string) => `${STORE}/EXTRAS/BROWSE/2026110/${id}_pyr.tif`;

function request(
  path: string,
  { method = 'GET', range }: { method?: string; range?: string } = {},
): ArchiveRequest {
  return archiveRequest(method, new URL(path, 'http://replica'), range);
}

/** Whether each of these requests is struck, in their order. */
function struck(rule: Partial<FaultRule>, paths: readonly string[], seed = 1): boolean[] {
  const rules = new FaultRules({ seed, rules: [{ fault: 'http-500', ...rule }] });
  return paths.map((path) => rules.take(request(path), true, 0) !== null);
}

function strikes(rule: Partial<FaultRule>, asked: ArchiveRequest): boolean {
  return new FaultRules({ rules: [{ fault: 'http-500', ...rule }] }).take(asked, true, 0) !== null;
}

describe('a request to the archive', () => {
  it.each([
    [`${STORE}/INDEX/INDEX.LBL`, 'store', 'index-label', null],
    [`${FRONT}/INDEX/INDEX.TAB`, 'front', 'index-table', null],
    [FRONT.replace('/data', '') + '/INDEX/INDEX.TAB', 'front', 'index-table', null],
    [browse('M1529543565LC'), 'store', 'browse-image', 'M1529543565LC'],
    [`${FRONT}/EXTRAS/BROWSE/2026110/M1529543565LC_pyr.xml`, 'front', 'browse-label', 'M1529543565LC'],
    [`${STORE}/DATA/ESM6/2026110/NAC/M1529543565LC.IMG`, 'store', 'img-image', 'M1529543565LC'],
    [`${STORE}/DATA/ESM6/2026110/NAC/M1529543565LC.xml`, 'store', 'img-label', 'M1529543565LC'],
    ['/live2/?query=iipt', 'ode', 'ode', null],
    ['/etc/passwd', null, null, null],
    ['/data/store/etc/passwd', null, null, null],
  ])('%s is told by its path', (path, role, kind, productId) => {
    expect(request(path)).toMatchObject({ role, kind, productId });
  });
});

describe('a rule', () => {
  const asked = request(browse('M1529543565LC'));

  it('is for the requests that it names, by kind, product, volume, host, method and path', () => {
    for (const [rule, expected] of [
      [{}, true],
      [{ kind: 'browse-image' }, true],
      [{ kind: ['index-table', 'any'] }, true],
      [{ kind: 'browse-label' }, false],
      [{ product: ['M1LC', 'M1529543565LC'] }, true],
      [{ product: 'M1LC' }, false],
      [{ volume: 'LROLRC_1067A' }, true],
      [{ volume: 'LROLRC_1066C' }, false],
      [{ host: 'store' }, true],
      [{ host: ['front', 'ode'] }, false],
      [{ method: 'GET' }, true],
      [{ method: 'HEAD' }, false],
      [{ path: 'BROWSE/.*LC_pyr' }, true],
      [{ path: '^/LRO' }, false],
      [{ kind: 'browse-image', product: 'M1LC' }, false],
    ] as const) {
      expect([rule, strikes(rule as Partial<FaultRule>, asked)]).toEqual([rule, expected]);
    }
  });

  it('strikes so often, after so many, and each so-manieth time', () => {
    const ten = Array.from({ length: 10 }, () => INDEX);
    const marks = (rule: Partial<FaultRule>) =>
      struck(rule, ten)
        .map((each) => (each ? 'x' : '.'))
        .join('');
    expect(marks({})).toBe('xxxxxxxxxx');
    expect(marks({ times: 2 })).toBe('xx........');
    expect(marks({ after: 3 })).toBe('...xxxxxxx');
    expect(marks({ every: 3 })).toBe('..x..x..x.');
    expect(marks({ after: 1, every: 2, times: 3 })).toBe('..x.x.x...');
    expect(marks({ chance: 0 })).toBe('..........');
    expect(marks({ chance: 1 })).toBe('xxxxxxxxxx');
  });

  it('counts the requests of each path by itself where it is told to', () => {
    const paths = ['A', 'B', 'A', 'B', 'A'].map((id) => browse(id));
    expect(struck({ times: 1 }, paths)).toEqual([true, false, false, false, false]);
    expect(struck({ times: 1, per: 'path' }, paths)).toEqual([true, true, false, false, false]);
    expect(struck({ after: 1, per: 'path' }, paths)).toEqual([false, false, true, true, true]);
  });

  it('draws by chance the same for each path however requests for others come between', () => {
    const ids = fc.array(fc.constantFrom('A', 'B', 'C'), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        ids,
        fc.integer(),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (order, seed, chance) => {
          const mixed = struck({ chance }, order.map(browse), seed);
          const sorted = [...order].sort();
          const apart = struck({ chance }, sorted.map(browse), seed);
          const of = (id: string, list: readonly string[], hits: readonly boolean[]) =>
            hits.filter((_, i) => list[i] === id);
          for (const id of ['A', 'B', 'C']) expect(of(id, order, mixed)).toEqual(of(id, sorted, apart));
        },
      ),
    );
  });

  it('draws about as often as its chance says, and otherwise by another seed', () => {
    const paths = Array.from({ length: 4000 }, (_, n) => browse(`M${n % 50}`));
    const hits = struck({ chance: 0.1 }, paths).filter(Boolean).length;
    expect(hits).toBeGreaterThan(320);
    expect(hits).toBeLessThan(480);
    expect(struck({ chance: 0.1 }, paths, 2)).not.toEqual(struck({ chance: 0.1 }, paths));
  });

  it('stands back where a rule before it struck, and is not counted then', () => {
    const rules = new FaultRules({
      rules: [
        { fault: 'http-403', times: 1 },
        { fault: 'http-500', times: 1 },
      ],
    });
    const names = [1, 2, 3].map(() => rules.take(request(INDEX), true, 0)?.name ?? null);
    expect(names).toEqual(['http-403', 'http-500', null]);
    expect(rules.counts().map(({ seen, struck }) => [seen, struck])).toEqual([
      [3, 1],
      [2, 1],
    ]);
  });

  it('that damages a file waits for an answer that carries one, and one for ranges for a range', () => {
    const rules = new FaultRules({ rules: [{ fault: 'cut-short' }] });
    expect(rules.take(request(browse('A')), false, 0)).toBeNull();
    expect(rules.take(request(browse('A')), true, 0)).not.toBeNull();
    const single = { fault: 'range-ignored' } as const;
    expect(strikes(single, request(INDEX))).toBe(false);
    expect(strikes(single, request(INDEX, { range: 'bytes=0-9' }))).toBe(true);
    expect(strikes(single, request(INDEX, { range: 'bytes=0-9,20-29' }))).toBe(false);
    expect(strikes({ fault: 'multi-range-whole' }, request(INDEX, { range: 'bytes=0-9,20-29' }))).toBe(true);
    expect(strikes({ fault: 'label-md5' }, request(INDEX))).toBe(false);
  });

  it('throttles each host by itself, takes requests again after the window, and lets other rules act meanwhile', () => {
    const throttle = { requests: 3, windowS: 10 };
    const rules = new FaultRules({
      rules: [
        { fault: 'throttle', with: { throttle } },
        { fault: 'http-500', kind: 'index-label' },
      ],
    });
    const at = (time: number, path: string) => rules.take(request(path), true, time)?.effect ?? null;
    expect([0, 1000, 2000].map((time) => at(time, INDEX))).toEqual([null, null, null]);
    expect(at(3000, INDEX)).toMatchObject({ status: 429, retryAfterS: 10 });
    expect(at(12_900, INDEX)).toMatchObject({ status: 429, retryAfterS: 1 });
    expect(at(3000, `${FRONT}/INDEX/INDEX.TAB`)).toBeNull();
    expect(at(13_000, INDEX)).toBeNull();
    expect(at(13_100, `${STORE}/INDEX/INDEX.LBL`)).toMatchObject({ status: 500 });
  });
});

describe('a fault script', () => {
  it.each([
    ['{', /^faults\.json: not valid JSON \(.+\); see docs\/replica\.md for fault scripts\.$/],
    ['[]', /^faults\.json: the script is not valid \(.*expected object.*\); see/],
    [
      '{"rules": [{}]}',
      /^faults\.json: rules\[0\] is not valid \(it names neither a fault nor, by "with", what/,
    ],
    [
      '{"rules": [{"fault": "http-418"}]}',
      /^faults\.json: rules\[0\]\.fault is not valid \(.*html-for-data.*\)/,
    ],
    ['{"rules": [{"fault": "reset", "chance": 2}]}', /rules\[0\]\.chance is not valid \(.*<=1\)/],
    [
      '{"rules": [{"fault": "reset", "path": "("}]}',
      /rules\[0\]\.path is not valid \(it is no regular expression\)/,
    ],
    ['{"rules": [{"fault": "reset", "every": 0}]}', /rules\[0\]\.every is not valid/],
    ['{"rules": [{"fault": "reset", "kinds": "any"}]}', /rules\[0\] is not valid \(.*"kinds"\)/],
    ['{"rules": [{"with": {"status": 99}}]}', /rules\[0\]\.with\.status is not valid/],
    ['{"seed": "a", "rules": []}', /seed is not valid/],
  ])('%s is refused in one sentence that names the place', (text, message) => {
    expect(() => parseFaultScript(text, 'faults.json')).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });

  it('is put, shown with its counts and taken back at run time, without a trace in the log', async () => {
    const replica = await testReplica();
    const { image, label } = archiveUrls(replica);
    const script = { seed: 5, rules: [{ fault: 'html-for-data', kind: 'browse-image', times: 1 }] };
    const post = (body: string) => fetch(`${replica.address}faults`, { method: 'POST', body });
    expect((await post(JSON.stringify(script))).status).toBe(200);
    for (const url of [label, image, image]) await (await fetch(url)).arrayBuffer();
    expect(await (await fetch(`${replica.address}faults`)).json()).toEqual({
      seed: 5,
      rules: [{ rule: script.rules[0], seen: 2, struck: 1 }],
    });
    const refused = await post('{"rules": [{"fault": "nothing"}]}');
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: expect.stringMatching(/^POST \/faults: rules\[0\]\.fault is not valid/) as string },
    ]);
    await fetch(`${replica.address}faults`, { method: 'DELETE' });
    expect(replica.faults.report().rules).toEqual([]);
    expect(replica.log.map(({ fault }) => fault)).toEqual([null, 'html-for-data', null]);
  });

  it('given at the start is in force from the first request on', async () => {
    const replica = await testReplica({ faults: { rules: [{ fault: 'http-503-bare', host: 'front' }] } });
    const { front, image } = archiveUrls(replica);
    expect((await fetch(front)).status).toBe(503);
    expect((await fetch(image)).status).toBe(200);
  });
});
