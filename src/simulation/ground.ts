import { addBoulder, forEachBoulder } from './boulders.js';
import { addCraterHalo, addCraterHeights, CRATER_REACH } from './crater-stamp.js';
import { FRESH_AGE, forEachCrater, SMALLEST_CRATER, type Crater } from './craters.js';
import { addMark, paintBody, raiseBody, type Body, type Mark } from './hardware.js';
import { grown, Workspace, type Lattice, type Region } from './lattice.js';
import type { Light } from './light.js';
import { hash } from './random.js';
import { addRelief } from './relief.js';
import { applyShadows, shade } from './shading.js';
import { sweepShadows } from './shadows.js';
import type { TerrainCharacter } from './terrain.js';

/** What people left on the ground. */
export interface Hardware {
  readonly bodies: readonly Body[];
  readonly marks: readonly Mark[];
}

export const NO_HARDWARE: Hardware = { bodies: [], marks: [] };

/** The lit ground of a scene, any part of which can be made alone. */
export class Ground {
  readonly light: Light;
  private readonly seed: number;
  private readonly terrain: TerrainCharacter;
  private readonly craterSeed: number;
  private readonly workspace = new Workspace();

  constructor(seed: number, terrain: TerrainCharacter, light: Light) {
    this.seed = seed;
    this.craterSeed = hash(seed, 12);
    this.terrain = terrain;
    this.light = light;
  }

  /**
   * Radiance of a region before the camera, sunlit level ground of mean albedo = 1, and how much sunlight
   * reaches the pixel corners (1 lit, 0 shadow; wider than the region). Both are valid until the next call.
   */
  render(region: Region, hardware: Hardware): { radiance: Lattice; lit: Lattice } {
    const { light } = this;
    const heights = this.workspace.lattice('heights', cornersOf(region, light));
    const radiance = this.workspace.lattice('radiance', region);
    this.layGround(heights, radiance);
    for (const mark of hardware.marks) addMark(radiance, mark, light);
    shade(radiance, heights, light);
    for (const body of hardware.bodies) raiseBody(heights, body, light);
    sweepShadows(heights, light);
    applyShadows(radiance, heights);
    for (const body of hardware.bodies) paintBody(radiance, body, light);
    return { radiance, lit: heights };
  }

  /** Fresh craters of diameter `smallest` mean pixels or more with their centre in a region. */
  freshCraters(region: Region, smallest: number): Crater[] {
    const found: Crater[] = [];
    forEachCrater(this.craterSeed, this.terrain, region, 0, smallest, (crater) => {
      const inside =
        crater.x >= region.x &&
        crater.x < region.x + region.width &&
        crater.y >= region.y &&
        crater.y < region.y + region.height;
      if (inside && crater.age < FRESH_AGE && 2 * crater.radius >= smallest) found.push(crater);
    });
    return found;
  }

  /** Heights at pixel corners and albedo at pixel centres, without hardware. */
  private layGround(heights: Lattice, albedo: Lattice): void {
    const { seed, terrain, light } = this;
    heights.data.fill(0);
    albedo.data.fill(1);
    addRelief(heights, terrain.relief, hash(seed, 10));
    addRelief(albedo, terrain.albedo, hash(seed, 11));
    const craters = this.craterSeed;
    // A pixel's side may be longer than its mean: reaches in pixels grow by the longer one.
    const stretch = Math.max(light.sideX, light.sideY);
    forEachCrater(craters, terrain, heights, CRATER_REACH * stretch, SMALLEST_CRATER, (crater) => {
      addCraterHeights(heights, crater, light);
      addCraterHalo(albedo, crater, light);
    });
    forEachBoulder(craters, terrain, heights, (boulder) => addBoulder(heights, albedo, boulder, light));
  }
}

/** Pixel corners of a region and of the ground towards the Sun whose shadows may fall on it. */
function cornersOf(region: Region, light: Light): Region {
  const x = Math.ceil(light.reach * Math.abs(light.image.x));
  const y = Math.ceil(light.reach * Math.abs(light.image.y));
  return grown(
    region,
    light.image.x < 0 ? x : 0,
    light.image.y < 0 ? y : 0,
    1 + (light.image.x > 0 ? x : 0),
    1 + (light.image.y > 0 ? y : 0),
  );
}
