import { basename } from 'node:path';

/** What a plugin may be called: the runtime's own rule (`kora.id` of a manifest). */
const idPattern = /^[a-z][a-z0-9-]{1,39}$/;

/** Words that would let a plugin speak in the house's name; the runtime refuses them. A test compares with its list. */
export const reservedIds: readonly string[] = (
  'kora core runtime system host operator plugin plugins api public ' +
  'ticket probe incident daemon task boot state message inbox alert chain event identity workspace spend reason ' +
  'capability promotion health artifact admission control store hold stop'
).split(' ');

/** What is wrong with an id, for whoever typed it; undefined when nothing is. */
export function idProblem(id: string): string | undefined {
  if (!idPattern.test(id)) return 'an id is 2 to 40 of a-z, 0-9 and -, and begins with a letter';
  return reservedIds.includes(id) ? `"${id}" is reserved for the runtime` : undefined;
}

/** A package's name from its folder: what npm accepts, or `fallback` when nothing of it is left. */
export function nameFrom(folder: string, fallback: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '');
  return name === '' ? fallback : name;
}

/** `kora-plugin-tides` and `plugin-tides` are tides. */
export function idFrom(folder: string): string {
  return nameFrom(folder, 'my-plugin')
    .replace(/^(?:kora-)?plugin-/, '')
    .slice(0, 40);
}

/** The package of a plugin that has no scope of its own. */
export function packageOf(id: string): string {
  return `kora-plugin-${id}`;
}
