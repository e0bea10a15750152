import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readRule, ruleSchema } from '../../src/alerts/rule.js';

const BASE = { name: 'r', channel: 'webhook', target: { url: 'https://hooks.example/x' } };
const SQUARE = [[0, 0], [1, 0], [1, 1], [0, 0]]; // prettier-ignore

describe('a rule', () => {
  it('has its defaults', () => {
    expect(readRule(BASE, 'rule.yaml')).toEqual({
      name: 'r',
      filter: {},
      area: null,
      channel: 'webhook',
      target: { url: 'https://hooks.example/x' },
      policy: {
        send: 'at_once',
        cooldown: 0,
        rate: {},
        digest: { every: 'day', hour: 6, weekday: 'monday', top: 20 },
      },
      maxAgeS: 30 * 86_400,
    });
  });

  it('says in one sentence which field is wrong', () => {
    const wrong: [object, string][] = [
      [{ ...BASE, scoer: 5 }, 'rule.yaml: there is no scoer in a rule; docs/alerts.md lists what it takes.'],
      [{ ...BASE, channel: 'pager' }, 'rule.yaml: channel must be one of webhook, slack, email, notify.'],
      [{ ...BASE, name: 'a b' }, 'name must be letters, digits'],
      [{ ...BASE, score: 'high' }, 'score must be'],
      [{ ...BASE, status: ['fresh'] }, 'status.0 must be of new, persistent, transient, known, change'],
      [{ ...BASE, max_age: 'soon' }, 'max_age must be a time'],
      [{ ...BASE, max_age: '3w 2d' }, 'max_age must be a time'],
      [{ ...BASE, incidence: [70, 10] }, 'incidence must have its lower bound first'],
      [{ ...BASE, bbox: [0, 10, 10, 0] }, 'bbox must have its south before its north'],
      [{ ...BASE, area: { type: 'Point', coordinates: [0, 0] } }, 'area must be GeoJSON'],
      [{ ...BASE, area: { type: 'Polygon', coordinates: [SQUARE] }, bbox: [0, 0, 1, 1] }, 'area or bbox'],
      [{ ...BASE, area: { type: 'Polygon', coordinates: [SQUARE.slice(0, 3)] } }, 'fewer than four places'],
      [{ ...BASE, area: { type: 'Polygon', coordinates: [[[0, 0], [1, 0], [1, 91], [0, 0]]] } }, 'the place 1, 91'], // prettier-ignore
      [{ ...BASE, target: {} }, 'target takes url or url_secret'],
      [{ ...BASE, target: { url: 'https://u:p@hooks.example/' } }, 'without user and password'],
      [{ ...BASE, target: { url: 'ftp://hooks.example/' } }, 'target.url'],
      [
        { ...BASE, target: { ...BASE.target, secret: '../../etc/passwd' } },
        'target.secret must be the name of a secret',
      ],
      [{ ...BASE, channel: 'slack' }, 'target'],
      [
        { ...BASE, channel: 'email', target: { to: ['a@b.example, c@d.example'] } },
        'target.to.0 must be an e-mail address',
      ],
      [
        { ...BASE, channel: 'email', target: { to: ['a@b.example\nBcc: c@d.example'] } },
        'must be an e-mail address',
      ],
      [
        { ...BASE, channel: 'notify', target: { channel: 'a; DROP' } },
        'target.channel must be a channel of NOTIFY',
      ],
    ];
    for (const [given, sentence] of wrong) expect(() => readRule(given, 'rule.yaml')).toThrow(sentence);
  });

  it('brings areas into one turn of longitude, and closes a ring around a pole along it', () => {
    const ring = (points: number[][]) => ({ type: 'Polygon', coordinates: [[...points, points[0]]] });
    const outside = (area: object) => readRule({ ...BASE, area }, 'test').area?.[0]?.[0];
    expect(outside(ring([[170, 0], [-170, 0], [-170, 5]]))).toEqual([[170, 0], [190, 0], [190, 5], [170, 0]]); // prettier-ignore
    expect(
      outside(
        ring([
          [0, -80],
          [120, -70],
          [-120, -80],
        ]),
      ),
    ).toEqual([
      [0, -80],
      [120, -70],
      [240, -80],
      [360, -80],
      [360, -90],
      [0, -90],
      [0, -80], // prettier-ignore
    ]);
    const nested = { type: 'FeatureCollection', features: [{ type: 'Feature', properties: {}, geometry: ring([[0, 0], [1, 0], [1, 1]]) }] }; // prettier-ignore
    expect(outside(nested)).toHaveLength(4);
  });

  it('has all its fields in the documents', async () => {
    const text = await readFile(new URL('../../docs/alerts.md', import.meta.url), 'utf8');
    const table = text.slice(text.indexOf('## Fields of a rule'), text.indexOf('Times are written'));
    const fields = ruleSchema.options.flatMap(({ shape }) => Object.keys(shape));
    const absent = [...new Set(fields)].filter((field) => !table.includes(`\`${field}\``));
    expect(absent).toEqual([]);
  });
});
