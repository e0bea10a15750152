import { OperationalError } from '../../domain/errors.js';
import type { ArchiveFacts } from './archive-facts.js';
import { assumed, told, type Question } from './question.js';

/** ODE takes 45 requests in 90 s; its users leave 3 s between them (lroc-archive, section 4). */
const ODE_PAUSE_MS = 3000;

/** What ODE and PDS4 tell of the archive's images. */
export const SERVICE_QUESTIONS: readonly Question[] = [
  {
    text: 'How does ODE answer for one product: which envelope, which fields, which files?',
    async answer(facts) {
      const results = await askOde(facts, { results: 'fmpc', limit: '1' });
      const product = productOf(results);
      const files = (objectOf(objectOf(product['Product_files'])['Product_file']) ?? {}) as object;
      const first = Array.isArray(files) ? objectOf(files[0]) : objectOf(files);
      return assumed(
        Object.keys(product).length > 0 && typeof results['Count'] === 'string',
        `ODEResults {${Object.keys(results).join(' ')}}, Count ${textOf(results['Count'])}, one product is ${Array.isArray(objectOf(results['Products'])['Product']) ? 'a list' : 'an object'} {${Object.keys(product).join(' ')}}, a file is {${Object.keys(first).join(' ')}}`,
      );
    },
  },
  ...(['o', 'x'] as const).map((letter): Question => ({
    text: `What does the letter ${letter} in ODE's results give?`,
    async answer(facts) {
      const results = await askOde(facts, { results: letter, limit: '1' });
      return told(`a product {${Object.keys(productOf(results)).join(' ')}}`);
    },
  })),
  {
    text: 'What is in the PDS4 inventory of a volume?',
    async answer(facts) {
      const { volumeId } = await facts.newest();
      const bundle = facts.dataSetId.toLowerCase().replace(/-v1\.0$/, '');
      const name = `collection_${bundle}_${volumeId.toLowerCase()}_data.csv`;
      const url = `${facts.base}${facts.dataSetId}/${volumeId}/DATA/${name}`;
      const { status, body } = await facts.asker.ask(url, {
        headers: { Range: 'bytes=0-511' },
        maxBytes: 512,
      });
      if (status !== 200 && status !== 206) return told(`${url} is not there: HTTP ${status}`);
      return told(`${name} begins: ${body.toString('latin1').split(/\r?\n/).slice(0, 3).join(' | ')}`);
    },
  },
];

type Fields = Readonly<Record<string, unknown>>;

async function askOde(facts: ArchiveFacts, more: Readonly<Record<string, string>>): Promise<Fields> {
  const { ode, dataset } = facts.config.archive;
  const query = new URLSearchParams({
    query: 'product',
    target: 'moon',
    ihid: 'LRO',
    iid: 'LROC',
    pt: dataset === 'cdr' ? 'CDRNAC4' : 'EDRNAC4',
    output: 'JSON',
    offset: '0',
    ...more,
  });
  await facts.clock.sleep(ODE_PAUSE_MS);
  const heard = await facts.asker.ask(`${ode}?${query.toString()}`, { maxBytes: 1 << 20 });
  if (heard.status !== 200) throw new OperationalError('ode', `${ode} answered HTTP ${heard.status}`);
  try {
    return objectOf(objectOf(JSON.parse(heard.body.toString()))['ODEResults']);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const begins = heard.body.toString('latin1', 0, 60).replace(/\s+/g, ' ');
    throw new OperationalError('ode', `${ode} did not answer JSON: it begins ${begins}`);
  }
}

/** The answer's only product: an object, or a list of one. */
function productOf(results: Fields): Fields {
  const product = objectOf(results['Products'])['Product'];
  return objectOf(Array.isArray(product) ? product[0] : product);
}

function objectOf(value: unknown): Fields {
  return value !== null && typeof value === 'object' ? (value as Fields) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value);
}
