import { readFile } from 'node:fs/promises';
import { UsageError } from '../domain/errors.js';
import { parseCorners } from '../geo/corners.js';

/** What was given by hand of an image's place and light. */
export interface GivenView {
  /** Degrees clockwise from up. */
  readonly sun?: number | undefined;
  readonly corners?: string | undefined;
  /** Parsed JSON of a camera model. */
  readonly isd?: unknown;
  /** Metres per pixel. */
  readonly resolution?: number | undefined;
}

/** The arguments of a command from which it is read. */
export interface GivenArguments extends Omit<GivenView, 'isd'> {
  /** Path of a camera model. */
  readonly isd?: string | undefined;
}

/**
 * Reads and checks what was given by hand.
 * @param images how many images it is given for
 * @throws UsageError when it cannot be used
 */
export async function readGivenView(options: GivenArguments, images: number): Promise<GivenView> {
  const { sun, corners, isd, resolution } = options;
  for (const [name, value] of Object.entries({ corners, isd }))
    if (value !== undefined && images > 1)
      throw new UsageError(`--${name} places one image; scan the images one by one.`);
  if (corners !== undefined) parseCorners(corners);
  return { sun, corners, isd: isd === undefined ? undefined : await readJson(isd), resolution };
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`${path}: the camera model cannot be read; check the path given by --isd.`, {
      cause,
    });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${path}: the camera model is not valid JSON; give --isd what ALE wrote.`, {
      cause,
    });
  }
}
