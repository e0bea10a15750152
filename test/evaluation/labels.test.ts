import { describe, expect, it } from 'vitest';
import { assignTiles, TILE_ROLES } from '../../src/evaluation/assign-tiles.js';
import { parseLabels, type Label } from '../../src/evaluation/labels.js';

describe('the label reader', () => {
  it("takes the authors' own files, whose header names the image nac_id", () => {
    // First lines of ap15_labels.csv as published with the paper of 2024 (lesnikow/jstars-automated-discovery).
    const csv = 'nac_id,x,y\nM102128467RC,642.66549,23514.9507\nM104490494LC,4711.96268,27896.12007\n';
    expect(parseLabels(csv, 'ap15_labels.csv')).toMatchObject([
      { productId: 'M102128467RC', x: 642.66549, y: 23514.9507, className: 'object' },
      { productId: 'M104490494LC', x: 4711.96268, y: 27896.12007 },
    ]);
    expect(parseLabels('nac_id,product_id,x,y\nb,a,1,2\n', 'l.csv')).toMatchObject([{ productId: 'a' }]);
  });

  it('takes points with and without header and class', () => {
    const expected = { productId: 'M175124932R', x: 2600.5, y: 18430, className: 'object', sun: null };
    expect(parseLabels('M175124932R,2600.5,18430\n', 'l.csv')).toMatchObject([expected]);
    expect(parseLabels('product_id,x,y\nM175124932R,2600.5,18430\n', 'l.csv')).toMatchObject([expected]);
    expect(parseLabels('M175124932R,2600.5,18430,lander', 'l.csv')).toMatchObject([{ className: 'lander' }]);
  });

  it('takes boxes by their centre', () => {
    const [label] = parseLabels('\uFEFFProduct_ID,x0,y0,x1,y1,class\r\na.png,10,20,30,60,rover\r\n', 'l.csv');
    expect(label).toMatchObject({
      x: 20,
      y: 40,
      className: 'rover',
      box: { x0: 10, y0: 20, x1: 30, y1: 60 },
    });
  });

  it('takes named columns in any order, the Sun among them, and leaves others aside', () => {
    const [label] = parseLabels('y,note,sun,x,product_id\n7,"seen, twice",300,5,a.png\n', 'l.csv');
    expect(label).toMatchObject({ productId: 'a.png', x: 5, y: 7, sun: 300 });
  });

  it.each([
    ['product_id,x,y\na,1,2\nb,one,2\n', 'l.csv, line 3: x is "one"; give pixels, 0 or more.'],
    ['a,1,2\n\nb,-4,2\n', 'l.csv, line 3: x is "-4"; give pixels, 0 or more.'],
    ['product_id,x,y\na,1\n', 'l.csv, line 2: there are 2 fields, not 3 (product_id,x,y).'],
    ['product_id,x,y\n,1,2\n', 'l.csv, line 2: product_id is empty; name the image.'],
    ['a,9,9,3,20\n', 'l.csv, line 1: the box ends before it begins; give x0 <= x1 and y0 <= y1.'],
    ['product_id,x,y,sun\na,1,2,south\n', 'l.csv, line 2: sun is not a number of degrees from -360 to 360.'],
    ['product_id,lon,lat\na,1,2\n', /^l\.csv, line 1: the header names neither x and y nor/],
    ['a,1\n', /^l\.csv, line 1: there are 2 fields; give product_id,x,y/],
    ['a,"1,2\n', /^l\.csv, line \d+: a quote is not closed/],
    ['', /^l\.csv holds no labels/],
    ['product_id,x,y\n', /^l\.csv holds no labels/],
  ])('refuses %j in one sentence', (csv, message) => {
    expect(() => parseLabels(csv, 'l.csv')).toThrow(message);
  });
});

describe('the assignment of tiles', () => {
  const grid = { size: 64, xs: Int32Array.of(0, 32, 64, 96), ys: Int32Array.of(0, 32) };
  const point = (x: number, y: number): Label => ({
    productId: 'a',
    x,
    y,
    box: { x0: x, y0: y, x1: x, y1: y },
    className: 'object',
    sun: null,
  });
  const rolesOf = (labels: Label[], inside: number): string[] =>
    Array.from(assignTiles(grid, labels, inside).role, (role) => TILE_ROLES[role]!);

  it('makes positive the tiles that hold the point 8 px inside, and leaves out those that hold it nearer to a side', () => {
    // x = 70: 6 px into the third column, 38 px into the second; y = 40: 8 px into the second row.
    const { tilesOf } = assignTiles(grid, [point(70, 40)], 8);
    expect(tilesOf).toEqual([[1, 5]]);
    expect(rolesOf([point(70, 40)], 8)).toEqual([
      'plain',
      'positive',
      'edge',
      'plain',
      'plain',
      'positive',
      'edge',
      'plain',
    ]);
  });

  it('keeps a point away from the side by its bounds, lower one included', () => {
    expect(rolesOf([point(8, 8)], 8)[0]).toBe('positive');
    expect(rolesOf([point(7.99, 8)], 8)[0]).toBe('edge');
    expect(rolesOf([point(56, 8)], 8)[0]).toBe('edge');
    expect(rolesOf([point(63.9, 0)], 0)[0]).toBe('positive');
  });

  it('takes a box by its centre and leaves out the tiles that it only touches', () => {
    const box: Label = { ...point(60, 16), box: { x0: 20, y0: 12, x1: 100, y1: 20 } };
    const { role, tilesOf } = assignTiles(grid, [box], 8);
    expect(tilesOf).toEqual([[1]]);
    expect(Array.from(role, (r) => TILE_ROLES[r])).toEqual([
      'edge',
      'positive',
      'edge',
      'edge',
      'plain',
      'plain',
      'plain',
      'plain',
    ]);
  });

  it('lets a positive tile stay positive when another object only touches it', () => {
    expect(rolesOf([point(30, 16), point(2, 2)], 8)[0]).toBe('positive');
  });
});
