/** Right, down and up, in pixels; the ground is z = 0. */
export interface Vector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** A half-space n . p <= d. */
interface Plane {
  readonly n: Vector;
  readonly d: number;
}

/** A body that rays are cast at. `albedo` is that of its surface as a multiple of the ground's. */
export type Solid = (
  | { readonly kind: 'convex'; readonly planes: readonly Plane[] }
  | { readonly kind: 'ellipsoid'; readonly radii: Vector }
) & {
  readonly albedo: number;
  readonly centre: Vector;
  /** Radius of a sphere around it. */
  readonly reach: number;
  /** Its highest z. */
  readonly top: number;
};

/** Where a ray leaves a solid, and the surface's outward normal there. */
export interface Exit {
  enter: number;
  t: number;
  nx: number;
  ny: number;
  nz: number;
}

/** A box with its own axes; `half` are half its sides along them. */
export function box(
  centre: Vector,
  axes: readonly [Vector, Vector, Vector],
  half: readonly [number, number, number],
  albedo: number,
): Solid {
  const planes = axes.flatMap((axis, i): Plane[] => {
    const middle = dot(axis, centre);
    const side = half[i] ?? 0;
    return [
      { n: axis, d: middle + side },
      { n: scaled(axis, -1), d: side - middle },
    ];
  });
  const top = centre.z + axes.reduce((sum, axis, i) => sum + Math.abs(axis.z) * (half[i] ?? 0), 0);
  return { kind: 'convex', planes, albedo, centre, reach: Math.hypot(...half), top };
}

/** An upright prism over a regular polygon, from z0 to z1; `radius` is that of the circle inside. */
export function prism(
  sides: number,
  radius: number,
  z0: number,
  z1: number,
  turn: number,
  albedo: number,
): Solid {
  const planes = Array.from({ length: sides }, (_, i): Plane => {
    const angle = turn + (2 * Math.PI * i) / sides;
    return { n: { x: Math.cos(angle), y: Math.sin(angle), z: 0 }, d: radius };
  });
  planes.push({ n: { x: 0, y: 0, z: 1 }, d: z1 }, { n: { x: 0, y: 0, z: -1 }, d: -z0 });
  const reach = Math.hypot(radius / Math.cos(Math.PI / sides), (z1 - z0) / 2);
  return { kind: 'convex', planes, albedo, centre: { x: 0, y: 0, z: (z0 + z1) / 2 }, reach, top: z1 };
}

export function ellipsoid(centre: Vector, radii: Vector, albedo: number): Solid {
  return {
    kind: 'ellipsoid',
    radii,
    albedo,
    centre,
    reach: Math.max(radii.x, radii.y, radii.z),
    top: centre.z + radii.z,
  };
}

/**
 * Casts the ray origin + t direction, `direction` of length one, at a solid.
 * @returns false where it misses; `exit` then keeps what it had
 */
export function cast(solid: Solid, origin: Vector, direction: Vector, exit: Exit): boolean {
  const cx = solid.centre.x - origin.x;
  const cy = solid.centre.y - origin.y;
  const cz = solid.centre.z - origin.z;
  const along = cx * direction.x + cy * direction.y + cz * direction.z;
  if (cx * cx + cy * cy + cz * cz - along * along > solid.reach * solid.reach) return false;
  return solid.kind === 'convex'
    ? castConvex(solid.planes, origin, direction, exit)
    : castEllipsoid(solid.radii, cx, cy, cz, direction, exit);
}

function castConvex(planes: readonly Plane[], origin: Vector, direction: Vector, exit: Exit): boolean {
  let enter = -Infinity;
  let leave = Infinity;
  let last: Vector | null = null;
  for (const { n, d } of planes) {
    const speed = n.x * direction.x + n.y * direction.y + n.z * direction.z;
    const gap = d - (n.x * origin.x + n.y * origin.y + n.z * origin.z);
    if (Math.abs(speed) < 1e-12) {
      if (gap < 0) return false;
    } else if (speed > 0) {
      if (gap / speed < leave) {
        leave = gap / speed;
        last = n;
      }
    } else enter = Math.max(enter, gap / speed);
    if (enter >= leave) return false;
  }
  if (last === null) return false;
  exit.enter = enter;
  exit.t = leave;
  exit.nx = last.x;
  exit.ny = last.y;
  exit.nz = last.z;
  return true;
}

function castEllipsoid(
  radii: Vector,
  cx: number,
  cy: number,
  cz: number,
  direction: Vector,
  exit: Exit,
): boolean {
  const dx = direction.x / radii.x;
  const dy = direction.y / radii.y;
  const dz = direction.z / radii.z;
  const ox = -cx / radii.x;
  const oy = -cy / radii.y;
  const oz = -cz / radii.z;
  const a = dx * dx + dy * dy + dz * dz;
  const b = ox * dx + oy * dy + oz * dz;
  const under = b * b - a * (ox * ox + oy * oy + oz * oz - 1);
  if (under <= 0) return false;
  const root = Math.sqrt(under);
  const t = (root - b) / a;
  const nx = (ox + t * dx) / radii.x;
  const ny = (oy + t * dy) / radii.y;
  const nz = (oz + t * dz) / radii.z;
  const length = Math.hypot(nx, ny, nz);
  exit.enter = (-root - b) / a;
  exit.t = t;
  exit.nx = nx / length;
  exit.ny = ny / length;
  exit.nz = nz / length;
  return true;
}

export function dot(a: Vector, b: Vector): number {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

export function scaled(v: Vector, factor: number): Vector {
  return { x: v.x * factor, y: v.y * factor, z: v.z * factor };
}

export function unit(v: Vector): Vector {
  return scaled(v, 1 / Math.hypot(v.x, v.y, v.z));
}

export function cross(a: Vector, b: Vector): Vector {
  return { x: a.y * b.z - a.z * b.y, y: a.z * b.x - a.x * b.z, z: a.x * b.y - a.y * b.x };
}
