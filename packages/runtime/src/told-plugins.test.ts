import { expect, it } from 'vitest';
import { degradedWords } from './told-plugins.ts';

it('says of each degraded plugin why, and what tells more; of the others nothing', () => {
  const reason = {
    code: 'config_invalid',
    message: 'models.0.tier: no such tier',
    fix: 'edit kora.json',
  } as const;
  expect(
    degradedWords([
      { id: 'mind', state: 'degraded', reason },
      { id: 'cockpit', state: 'loaded', reason: undefined },
      { id: 'mute', state: 'degraded', reason: undefined },
    ]),
  ).toEqual([
    'plugin mind is degraded: models.0.tier: no such tier; edit kora.json',
    'plugin mute is degraded: it does not say why; kora plugin why mute',
  ]);
});
