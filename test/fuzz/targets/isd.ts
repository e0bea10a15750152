import { InvalidProductError } from '../../../src/domain/errors.js';
import { isdFacts } from '../../../src/geo/isd-facts.js';
import { createIsdModel } from '../../../src/geo/isd-model.js';
import { passIsd } from '../../geo/isd-support.js';
import { mutateJson } from '../support/mutate-json.js';
import { pick } from '../support/mutate.js';
import { realFiles } from '../support/samples.js';
import { expectThat, type Reader, type Prepared } from '../support/target.js';

const IMAGE = { width: 5064, height: 1000 };
/** Of the real one's 809 records of pointing those that its first lines need: the rest only costs time. */
const POINTINGS = 40;

const PASS = {
  center: { lon: 22.05, lat: 20.23 },
  headingDeg: 178,
  mirrored: false,
  lines: IMAGE.height,
  alongM: 1,
  altitudeM: 100_000,
  summing: 1,
  subSolar: { lon: 0, lat: 0 },
};

type Tables = Record<string, Record<string, unknown>>;

/** Camera models: a generated one and the head of a real one. */
export const isd: Reader = {
  prepare(): Prepared {
    const real = realFiles('geometry/M103595705LE_isd.json').map((file) => {
      const model = JSON.parse(file.toString()) as Tables;
      delete model['naif_keywords'];
      const pointing = model['instrument_pointing']!;
      for (const field of ['ephemeris_times', 'quaternions', 'angular_velocities'])
        pointing[field] = (pointing[field] as unknown[]).slice(0, POINTINGS);
      return model;
    });
    const samples = [passIsd(PASS), ...real] as never[];
    return {
      input: (random) => mutateJson(random, pick(random, samples)),
      run(input) {
        const value = parsed(input.toString());
        const model = createIsdModel(value, IMAGE);
        for (const [sample, line] of [
          [0, 0],
          [2532, 500],
          [5064, 1000],
          [17.5, 999.5],
        ] as const) {
          const { lon, lat, uncertaintyM } = model.locate({ sample, line });
          expectThat(Math.abs(lon) <= 180 && Math.abs(lat) <= 90, () => `a place at ${lon}, ${lat}`);
          expectThat(uncertaintyM > 0 && uncertaintyM < 1e6, () => `an uncertainty of ${uncertaintyM} m`);
          const size = model.pixelSize({ sample, line });
          expectThat(
            size.acrossM > 0 && size.alongM > 0 && size.acrossM < 1e6 && size.alongM < 1e6,
            () => `pixels of ${size.acrossM} x ${size.alongM} m`,
          );
          const direction = Object.values(model.towardsSun({ sample, line }) as object) as number[];
          expectThat(direction.every(Number.isFinite), () => `the Sun towards ${direction.join()}`);
          const [x, y] = model.places(Float64Array.of(sample, line));
          expectThat(
            Math.abs(x! - lon) < 1e-6 && Math.abs(y! - lat) < 1e-6,
            () => `two places, ${lon}, ${lat} and ${x}, ${y}`,
          );
        }
        const facts = isdFacts(value, { lines: IMAGE.height, samples: IMAGE.width });
        expectThat(Number.isFinite(facts.startTime.getTime()), () => 'a start time that is none');
        for (const angle of [facts.incidenceDeg, facts.emissionDeg, facts.phaseDeg])
          expectThat(angle >= 0 && angle <= 180, () => `an angle of ${angle} deg`);
        return 'accepted';
      },
    };
  },
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // Whoever reads the file says so; what is no JSON does not reach the model.
    throw new InvalidProductError('isd', 'It is no JSON.', { cause });
  }
}
