import { expect, test } from 'vitest';
import { doorOf } from './door.ts';

const message = {
  providerId: 'm-1',
  conversation: 'c',
  sender: { id: 'U1' },
  text: 'hello',
  authenticatedBy: 'slack_user',
  trusted: true,
};

test('a message is kept once, and what came again is told apart', async () => {
  const { door, accepted, duplicates } = doorOf();
  expect(await door.accept(message)).toBe('accepted');
  expect(await door.accept({ ...message, text: 'again' })).toBe('duplicate');
  expect(accepted).toEqual([message]);
  expect(duplicates).toEqual(['m-1']);
});

test('a store that is away keeps nothing, so that the channel may be seen not to acknowledge', async () => {
  const { door, accepted } = doorOf({
    before: () => {
      throw new Error('away');
    },
  });
  await expect(door.accept(message)).rejects.toThrow('away');
  expect(accepted).toEqual([]);
});

test('what the real door refuses is refused', async () => {
  const { door } = doorOf();
  await expect(door.accept({ ...message, providerId: 'x'.repeat(301) })).rejects.toThrow('providerId');
  await expect(door.accept({ ...message, text: 'x'.repeat(100_001) })).rejects.toThrow('text');
  await expect(door.accept({ ...message, details: { a: 'x'.repeat(20_000) } })).rejects.toThrow('details');
  await expect(door.refuse({ providerId: null, sender: null, reason: 'No Way' })).rejects.toThrow('No Way');
});

test('a decision is answered as it was pressed, and its code once', async () => {
  const { door, decided } = doorOf();
  const answer = { code: 'K7Q2M4TR', verdict: 'approve', providerId: 'p', sender: 'U1' } as const;
  expect(await door.decide(answer)).toEqual({ status: 'approved', text: 'approved' });
  expect((await door.decide(answer)).status).toBe('answered_before');
  expect(decided).toHaveLength(2);
});
