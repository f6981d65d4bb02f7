import type { Scene } from '../scene/contract.ts';

const mostNames = 3;

/** Names of things that exist and are written almost like the one asked for, the nearest first. */
export function nearNames({ entities, order }: Scene): readonly string[] {
  const wanted = [order.probe, order.target.replace(/^[a-z]+:/, '')].map((name) => name.toLowerCase());
  const scored = entities.flatMap(({ id, name }) => {
    const distances = wanted.map((one) => apart(one, name.toLowerCase()));
    const distance = Math.min(...distances);
    return distance <= Math.max(2, Math.floor(name.length / 3)) ? [{ id, distance }] : [];
  });
  return scored
    .sort((one, other) => one.distance - other.distance)
    .slice(0, mostNames)
    .map(({ id }) => id);
}

/** How many letters have to change; 0 for the same thing under another roof (`shop/api` and `stage/api`). */
function apart(one: string, other: string): number {
  const tail = (name: string): string => name.split(/[/@]/).at(-1) ?? name;
  if (one !== other && tail(one) === tail(other)) return 1;
  return edits(one.slice(0, 120), other.slice(0, 120));
}

function edits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(one).entries()) {
    const next = [index + 1];
    for (const [place, against] of Array.from(other).entries()) {
      const swap = (row[place] ?? 0) + (letter === against ? 0 : 1);
      next.push(Math.min(swap, (row[place + 1] ?? 0) + 1, (next[place] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? other.length;
}
