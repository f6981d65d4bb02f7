import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { judgeTokens, ServiceTokens } from './tokens.ts';

test('while credentials are locked no service is asked, and the boot goes on', async () => {
  const tokens = new ServiceTokens(new FakeClock());
  let asked = 0;
  const check = async () => {
    asked += 1;
    return { state: 'ok', detail: 'hello' } as const;
  };
  tokens.register({ name: 'inbox', check }, 'mail');
  const { signal } = new AbortController();
  const looks = await tokens.check(signal, true);
  expect(looks).toMatchObject([
    { name: 'mail.inbox', state: 'unavailable', detail: expect.stringContaining('locked until kora resume') },
  ]);
  expect(asked).toBe(0);
  expect(judgeTokens(looks)).toMatchObject({ outcome: 'pass', degradation: 'token_expiring' });
  expect(await tokens.check(signal)).toMatchObject([{ state: 'ok' }]);
});
