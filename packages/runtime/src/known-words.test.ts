import { expect, test } from 'vitest';
import { z } from 'zod';
import { FakeClock } from './clock/index.ts';
import { connectWords } from './phrasebook-answers.ts';
import { Snapshots } from './reason/snapshot/snapshots.ts';
import { readValue } from './reason/snapshot/value.ts';
import type { Rooms } from './rooms.ts';

test('a known question is answered by a snapshot that is taken for it, however long the taking takes', async () => {
  const clock = new FakeClock();
  const read = (): Promise<object> => {
    clock.jump(1);
    return Promise.resolve({ summary: 'well' });
  };
  const sections = [{ name: 'house', schema: z.object({ summary: z.string() }), read }];
  const keep = (): Promise<void> => Promise.resolve();
  const snapshots = new Snapshots({ clock, runtimeId: 'r1', sections, keep, onError: () => undefined });
  const reason = { ports: {} } as Pick<Rooms, 'reason'>['reason'];
  const phrasebook = {
    answer: (_text, snapshot, nowMs) => {
      const text = snapshot === null ? undefined : readValue(snapshot, ['house', 'summary'], nowMs);
      return text === undefined ? undefined : { text, version: 1 };
    },
  } as Rooms['phrasebook'];
  connectWords({ clock }, { reason, phrasebook, snapshots });
  for (let asked = 0; asked < 3; asked += 1) {
    expect(await reason.ports.phrasebook('how are you', 'run-1')).toEqual({ text: 'well', version: 1 });
    clock.jump(60_000);
  }
});
