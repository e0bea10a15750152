import { countOf, parseAnswer, productsOf, setOf } from '../../../src/archive/ode/ode-answer.js';
import { parseProduct } from '../../../src/archive/ode/ode-product.js';
import { odeAnswer } from '../../../src/replica/ode/answer.js';
import { planVolume } from '../../../src/replica/volume.js';
import { volumePeriod } from '../../../src/replica/volume-period.js';
import { mutateJson } from '../support/mutate-json.js';
import { pick } from '../support/mutate.js';
import { checkRow } from '../support/product-checks.js';
import { realFiles } from '../support/samples.js';
import { expectThat, type Reader, type Prepared } from '../support/target.js';

/** Answers of ODE: products, counts and sets, of the replica and a real one. */
export const ode: Reader = {
  prepare(): Prepared {
    const volume = planVolume(volumePeriod('LROLRC_1067A'), {
      seed: 7,
      images: 3,
      lines: 4096,
      samples: 5064,
    });
    const ask = (query: string) =>
      odeAnswer(new URLSearchParams(query), [volume], 'http://127.0.0.1/') as never;
    const products =
      'query=product&output=JSON&results=fmpc&target=moon&ihid=LRO&iid=LROC&pt=CDRNAC4&limit=3';
    const samples = [
      ask(products),
      ask(`${products}&limit=1`),
      ask('query=iipt&output=JSON&odemetadb=moon'),
      ...realFiles('ode/ode_mars_ctx_product_fmpc_2020-11-24.json').map(
        (file) => JSON.parse(file.toString()) as never,
      ),
    ];
    return {
      input: (random) => mutateJson(random, pick(random, samples)),
      run(input) {
        const answer = parseAnswer(input.toString(), 'http://127.0.0.1/');
        if (answer === null) return 'refused';
        const count = countOf(answer);
        expectThat(count === null || (count >= 0 && Number.isInteger(count)), () => `${count} products`);
        const set = setOf(answer, 'CDRNAC4');
        expectThat(set === null || Number.isFinite(set.products), () => `a set of ${set?.products}`);
        let taken = set !== null;
        for (const value of productsOf(answer)) taken = checkRow(parseProduct(value, 'cdr')) || taken;
        return taken ? 'accepted' : 'refused';
      },
    };
  },
};
