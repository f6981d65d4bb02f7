import { expect, test } from 'vitest';
import { stagedCapabilities } from '../../stage/keeping.ts';
import { matrixOf } from './matrix.ts';

const plugins = [
  { id: 'mirror', capabilities: ['cap_web_fetch', 'cap_gone'] },
  { id: 'quiet', capabilities: [] },
];

test('what is asked for in vain stands first, also where nobody declares it', () => {
  const { rows, subjects } = matrixOf({ ...stagedCapabilities, plugins });
  expect(rows.filter((row) => row.wanting > 0).map((row) => row.id)).toEqual(['cap_gone', 'cap_web_fetch']);
  expect(rows[0]).toMatchObject({ id: 'cap_gone', risk: null, title: null });
  expect(subjects.map((subject) => subject.key)).not.toContain('plugin:quiet');
});

test('a live grant answers what was asked; one that is over does not', () => {
  const [grant] = stagedCapabilities.grants;
  if (grant === undefined) throw new TypeError('nothing is staged');
  const asked = { ...grant, capability: 'cap_web_fetch', kind: 'plugin' as const, subject: 'mirror' };
  const stateWith = (status: 'live' | 'expired'): string | undefined =>
    matrixOf({ ...stagedCapabilities, grants: [{ ...asked, status }], plugins })
      .rows.find((row) => row.id === 'cap_web_fetch')
      ?.cells.get('plugin:mirror')?.state;
  expect(stateWith('live')).toBe('granted');
  expect(stateWith('expired')).toBe('asked');
});
