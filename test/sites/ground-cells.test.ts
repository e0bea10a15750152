import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groundM, stepTowards } from '../../src/geo/sphere.js';
import { cellCentre, footprintCells, groundCell, withNeighbours } from '../../src/sites/ground-cells.js';
import { MOST_APART_M } from '../../src/sites/associate.js';

const place = fc.record({
  lon: fc.double({ min: -180, max: 180, noNaN: true }),
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
});

describe('cells of ground', () => {
  it('hold their own centre', () => {
    fc.assert(
      fc.property(place, (here) => {
        const cell = groundCell(here);
        expect(groundCell(cellCentre(cell))).toBe(cell);
      }),
    );
  });

  it('have all that may be one with a place in the cells around it, at the poles and across 180 degrees too', () => {
    const anywhere = fc.oneof(
      place,
      fc.record({ lon: fc.constantFrom(-180, 180, 179.99), lat: fc.constantFrom(-89.99, 0, 45, 89.999, 90) }),
      fc.record({
        lon: fc.double({ min: -180, max: 180, noNaN: true }),
        lat: fc.double({ min: 89, max: 90, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(anywhere, place, (here, towards) => {
        const there = stepTowards(here, towards, MOST_APART_M);
        if (groundM(here, there) > MOST_APART_M * 1.01) return;
        expect(withNeighbours([groundCell(here)]).has(groundCell(there))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('of a footprint hold each place of it', () => {
    const corners = [
      { lon: 179.9, lat: 88.9 },
      { lon: -179.2, lat: 88.9 },
      { lon: 179.9, lat: 89.6 },
      { lon: -178.5, lat: 89.6 },
    ];
    const cells = new Set(footprintCells({ columns: 2, rows: 2, places: corners }));
    for (const corner of corners) expect(cells.has(groundCell(corner))).toBe(true);
    expect(cells.has(groundCell({ lon: -179.7, lat: 89.2 }))).toBe(true);
  });
});
