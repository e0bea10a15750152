import { baseUrls } from '../../archive/archive-urls.js';
import type { HttpClient } from '../../archive/http/http-client.js';
import type { Config } from '../../config/schema.js';
import type { Clock } from '../../domain/clock.js';
import { isUserFacing } from '../../domain/errors.js';
import { userAgent } from '../parts.js';
import { ArchiveFacts } from './archive-facts.js';
import { Asker } from './asker.js';
import { HTTP_QUESTIONS } from './http-questions.js';
import { IMAGE_QUESTIONS } from './image-questions.js';
import { INDEX_QUESTIONS } from './index-questions.js';
import { SERVICE_QUESTIONS } from './service-questions.js';

/** Requests of one run, redirects not counted. */
const MOST_REQUESTS = 48;

const QUESTIONS = [...INDEX_QUESTIONS, ...HTTP_QUESTIONS, ...IMAGE_QUESTIONS, ...SERVICE_QUESTIONS];

export interface Tally {
  /** Questions that were answered as this product's code takes for granted, or that it leaves open. */
  readonly passed: number;
  /** Questions without an answer, or with another one than the code takes for granted. */
  readonly failed: number;
  readonly answered: number;
}

/**
 * Asks the archive itself what nobody could confirm without it, one question after the other, and prints question
 * and answer as they come. Small: some 40 requests, ranges of at most 64 kB, spaced as configured.
 * @param client the product's own, as configured
 */
export async function askArchive(
  config: Config,
  tools: { readonly client: HttpClient; readonly clock: Clock; readonly print: (line: string) => void },
): Promise<Tally> {
  const { client, clock, print } = tools;
  const [base = ''] = baseUrls(config.archive.urls);
  const asker = new Asker(client, MOST_REQUESTS);
  const facts = new ArchiveFacts(config, base, { clock, asker, client });
  print(
    `Asking ${base} and ${config.archive.ode}, spaced by ${config.archive.spacing_ms} ms, as ${userAgent(config)}.`,
  );
  let [passed, answered] = [0, 0];
  for (const question of QUESTIONS) {
    print(`? ${question.text}`);
    try {
      const { text, holds } = await question.answer(facts);
      answered++;
      if (holds !== false) passed++;
      print(`  ${holds === false ? 'UNLIKE WHAT THE CODE EXPECTS: ' : ''}${text}.`);
    } catch (error) {
      if (!isUserFacing(error)) throw error;
      print(`  no answer: ${error.message.replace(/(; it is asked again later)?\.$/, '')}.`);
    }
  }
  print(summary(answered, passed, asker.asked));
  return { passed, failed: QUESTIONS.length - passed, answered };
}

function summary(answered: number, passed: number, requests: number): string {
  const all = QUESTIONS.length;
  if (answered === 0)
    return `None of ${all} questions was answered: the archive cannot be reached from here; check the network, archive.urls and archive.ode.`;
  const unlike = answered - passed;
  return `${answered} of ${all} questions were answered by ${requests} requests, ${unlike === 0 ? 'none' : unlike} unlike what the code expects.`;
}
