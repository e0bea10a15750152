/** Bytes of a page of memory. */
const PAGE = 65536;

let start: usize = 0;
let end: usize = 0;

/** Gives back all that was taken: what a strip leaves, the next one overwrites. @returns where that begins */
export function release(): usize {
  // What the modules keep lies before: it was made when they were loaded.
  if (start === 0) start = heap.alloc(16);
  end = start;
  return start;
}

/** @returns where `bytes` begin that nobody else has, on a multiple of 16; what they hold is undefined */
export function take(bytes: i32): usize {
  const at = end;
  end = (at + <usize>bytes + 15) & ~(<usize>15);
  const pages = <i32>((end + PAGE - 1) / PAGE) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) unreachable();
  return at;
}
