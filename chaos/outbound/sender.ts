// One runtime's delivery, over a provider that fails half the time; killed at any moment.
import { Chain, Vocabulary } from '../../packages/runtime/src/chain/index.ts';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import { Delivery, messageEvents } from '../../packages/runtime/src/message/index.ts';
import { scene } from '../../packages/runtime/src/admission/testing/scene.ts';
import { Scope } from '../../packages/runtime/src/scope/index.ts';
import { openNamed } from '../append/stores.ts';
import type { StoreName } from '../append/stores.ts';

const [, , store = '', provider = '', planted = ''] = process.argv;
const scope = new Scope('sender');
const database = await openNamed(JSON.parse(store) as StoreName, scope);
const clock = systemClock();
const owner = { workspaceId: 1, runtimeId: clock.uuid(), sessionId: clock.uuid(), actorId: 'kora' };
const onError = (where: string, error: unknown): void => console.error(where, error);
const chain = new Chain({ database, owner, vocabulary: new Vocabulary(), clock, scope, onError });
await chain.declare('kora', messageEvents);
const delivery = new Delivery({
  database,
  workspaceId: 1,
  clock,
  admission: scene().admission,
  stage: chain.stage.bind(chain),
  onError,
  policy: { perMinute: 1_000_000, staleMs: 86_400_000, burst: 5 },
});
delivery.register({
  name: 'provider',
  send: async ({ key, thread, messageId, attempt }, signal) => {
    if (planted === 'records-unsent' && messageId % 20 === 0) return { receipt: `receipt-${key}` };
    const shown = planted === 'new-key-each-time' ? `${key}-${attempt}-${process.pid}` : key;
    const body = JSON.stringify({ key: shown, thread, messageId });
    const answer = await fetch(provider, { method: 'POST', body, signal });
    if (answer.status === 429) {
      const details = { retryAfterMs: Number(answer.headers.get('retry-after')) * 1_000 };
      throw Object.assign(new Error('429'), { code: 'KORA_CHANNEL_REFUSED', details });
    }
    if (!answer.ok) throw new Error(String(answer.status));
    return { receipt: await answer.text() };
  },
});
process.stdout.write('sends\n');
await delivery.run(new AbortController().signal);
