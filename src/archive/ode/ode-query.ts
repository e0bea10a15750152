import { OperationalError } from '../../domain/errors.js';

/** Parameters of one request by their names in ODE. */
export type OdeParameters = Readonly<Record<string, string>>;

/** Address of a request. @param base address of the service */
export function odeUrl(base: string, parameters: OdeParameters): string {
  const url = new URL(base);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/**
 * ODE ignores a parameter that it does not know, or that has no effect alone, without a word, and then answers
 * something else than was asked. Its answer repeats the parameters that it applied: every one that was asked must
 * be among them, with its value.
 * @param summary QuerySummary of the answer: names and values in whatever case
 * @throws OperationalError naming the first parameter that was not applied
 */
export function assertApplied(
  asked: OdeParameters,
  summary: Readonly<Record<string, unknown>>,
  url: string,
): void {
  const applied = new Map(Object.entries(summary).map(([name, value]) => [name.toLowerCase(), value]));
  for (const [name, value] of Object.entries(asked)) {
    const told = applied.get(name);
    const text = typeof told === 'string' || typeof told === 'number' ? String(told).trim() : '';
    if (text !== '' && normalised(name, text) === normalised(name, value)) continue;
    const how = text === '' ? 'was left out' : `became ${text}`;
    throw new OperationalError(
      'ode_ignored',
      `ODE did not apply ${name}=${value} (it ${how} in the summary of ${url}), so its answer is not to what was asked; check that archive.ode is the ODE REST service and that it still knows this parameter.`,
    );
  }
}

/** One form for what ODE may write in several: case, order of letters, numbers, and dates as times of a day. */
function normalised(name: string, value: string): string {
  const text = value.toLowerCase();
  if (name === 'results') return [...new Set(text)].sort().join('');
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(?:[t ](\d\d:\d\d:\d\d)(?:\.\d+)?z?)?$/.exec(text) ?? [];
  if (day !== undefined) {
    // A least date is the start of its day, a greatest one its end.
    const whole = name.startsWith('max') ? '23:59:59' : '00:00:00';
    return time === undefined || time === whole ? day : text;
  }
  return Number.isFinite(Number(text)) ? String(Number(text)) : text;
}
