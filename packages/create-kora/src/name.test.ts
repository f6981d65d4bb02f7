import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idFrom, idProblem, nameFrom, packageOf } from './name.ts';

describe('names', () => {
  it.each([
    ['/x/tides', 'tides'],
    ['/x/kora-plugin-tides', 'tides'],
    ['/x/plugin-tides', 'tides'],
    ['/x/Tide Tables 2', 'tide-tables-2'],
    ['/x/42', 'my-plugin'],
  ])('%s makes the id %s', (folder, id) => {
    expect(idFrom(folder)).toBe(id);
  });

  it('whatever a folder is called, its package has a name that npm takes', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(nameFrom(`/x/${name}`, 'my-kora')).toMatch(/^[a-z][a-z0-9-]*$/);
        expect(packageOf(idFrom(`/x/${name}`))).toMatch(/^kora-plugin-[a-z][a-z0-9-]{0,39}$/);
      }),
    );
  });

  it.each(['a', 'Tides', 'tide_tables', '9tides', 'x'.repeat(41), 'kora', 'ticket'])('%s is no id', (id) => {
    expect(idProblem(id)).toEqual(expect.any(String));
  });
});
