import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TicketHandler } from '../contract.ts';
import type { PluginHost } from '../host.ts';
import { GuestBench, pidOf } from '../testing/guest-bench.ts';
import { entryOf } from '../testing/packages-on-disk.ts';
import { ScriptedTicket } from '../testing/scripted-ticket.ts';

const never = new AbortController().signal;
// Real processes start here, on whatever machine this is.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

let bench: GuestBench;
beforeEach(async () => {
  bench = await GuestBench.create();
});
afterEach(() => bench[Symbol.asyncDispose]());

/** A guest whose handler is this body; its plugin is `tide`. */
async function guestOf(body: string, head = ''): Promise<{ handler: TicketHandler; host: PluginHost }> {
  const register = `await context.registerTicketHandler({ kind: 'measure', prefetch: 3, budgetMicroUsd: 5,
    ${head} work: async (ticket) => { ${body} } });`;
  await bench.disk.plugin(
    'tide',
    { id: 'tide', contributes: { ticketKinds: ['measure'] } },
    entryOf('tide', register, `import { z } from 'zod';`),
  );
  const modules = join(bench.disk.root, 'host/node_modules');
  await mkdir(modules, { recursive: true });
  const zod = join(dirname(fileURLToPath(import.meta.url)), '../../../node_modules/zod');
  await symlink(zod, join(modules, 'zod'));
  const host = await bench.hostOf(['tide'], { guests: { patienceMs: 30_000 } });
  await host.loadAll(never);
  expect(host.get('tide')).toMatchObject({ state: 'loaded', reason: undefined });
  const handler = bench.house.handlers.get('measure');
  if (handler === undefined) throw new Error('the guest registered no handler');
  return { handler, host };
}

test('a guest says how far it is, notes, and does its operations in its own process under the host’s ledger', async () => {
  const { handler, host } = await guestOf(
    `
    const { ticketId, fence, payload, operation, note, progress } = ticket;
    progress({ percent: 50, detail: 'half' });
    progress();
    await note('begun');
    const late = await note('too late').catch((error) => error.code);
    const paid = await operation({ id: 'pay', tool: 'bank', sideEffects: 'once', request: { cents: 5 } },
      async (key, signal) => ({ key, pid: process.pid, aborted: signal.aborted }));
    const nothing = await operation({ id: 'none', tool: 'bank', sideEffects: 'none' }, async () => undefined);
    const own = new TypeError('mine');
    const same = await operation({ id: 'bad', tool: 'bank', sideEffects: 'none' }, async () => { throw own; })
      .catch((error) => error === own);
    return { resolution: 'completed', summary: 'done', modelTier: 'small', tokens: 7, costMicroUsd: 2,
      result: { ticketId, fence, payload, late, paid, nothing: nothing === undefined, same } };
  `,
    `payload: z.object({ at: z.string().default('sea') }),`,
  );
  expect(handler).toMatchObject({ prefetch: 3, budgetMicroUsd: 5 });
  const ticket = new ScriptedTicket();
  const pid = pidOf(host, 'tide');
  expect(pid).not.toBe(process.pid);
  expect(await handler.work(ticket)).toEqual({
    resolution: 'completed',
    summary: 'done',
    modelTier: 'small',
    tokens: 7,
    costMicroUsd: 2,
    result: {
      ticketId: 1,
      fence: 3,
      payload: { at: 'sea' },
      late: 'KORA_TICKET_STALE_FENCE',
      paid: { key: 'key-pay', pid, aborted: false },
      nothing: true,
      same: true,
    },
  });
  expect(ticket.notes).toEqual(['begun']);
  expect(ticket.reports).toEqual([{ percent: 50, detail: 'half' }, undefined]);
  expect(ticket.ledger).toEqual([
    'begun {"id":"pay","tool":"bank","sideEffects":"once","request":{"cents":5}}',
    `answered {"key":"key-pay","pid":${pid},"aborted":false}`,
    'begun {"id":"none","tool":"bank","sideEffects":"none"}',
    'answered undefined',
    'begun {"id":"bad","tool":"bank","sideEffects":"none"}',
    'threw PLUGIN_ERROR',
  ]);
});

test('a guest looks for the host whether its operation happened, and a payload that does not fit ends its ticket', async () => {
  const { handler } = await guestOf(
    `
    const inspect = async (key) => ticket.payload.happened ? { happened: true, result: 'was ' + key } : { happened: false };
    const answer = await ticket.operation({ id: 'pay', tool: 'bank', sideEffects: 'once', inspect }, async () => 'now');
    return { resolution: 'completed', summary: answer };
  `,
    'payload: z.object({ happened: z.boolean() }),',
  );
  const was = Object.assign(new ScriptedTicket({ payload: { happened: true } }), { begunBefore: true });
  expect(await handler.work(was)).toMatchObject({ summary: 'was key-pay' });
  const not = Object.assign(new ScriptedTicket({ payload: { happened: false } }), { begunBefore: true });
  expect(await handler.work(not)).toMatchObject({ summary: 'now' });
  expect(not.ledger[0]).toBe('inspected {"happened":false}');
  expect(await handler.work(new ScriptedTicket({ payload: { happened: 'yes' } }))).toMatchObject({
    resolution: 'failed_terminal',
    failure: { class: 'payload' },
  });
});

test('a guest speaks of no ticket but those in its hands: not another’s, and not its own of before', async () => {
  const { handler } = await guestOf(`
    globalThis.kept ??= ticket;
    const { kept } = globalThis;
    const codeOf = (promise) => promise.then(() => 'let through', (error) => error.code ?? 'ran');
    kept.progress({ percent: 1 });
    const run = async () => { throw new Error('must not run'); };
    const spec = { id: 'pay', tool: 'bank', sideEffects: 'none' };
    const codes = [await codeOf(kept.note('mine?')), await codeOf(kept.operation(spec, run))];
    const huge = await codeOf(ticket.note('x'.repeat(10001)));
    const odd = await codeOf(ticket.operation({ ...spec, sideEffects: 'all' }, run));
    return { resolution: 'completed', summary: [...codes, huge, odd].join(' ') };
  `);
  const first = new ScriptedTicket({ ticketId: 1 });
  expect(await handler.work(first)).toMatchObject({
    summary: 'let through ran KORA_PLUGIN_INVALID KORA_PLUGIN_INVALID',
  });
  const heard = [...first.reports];
  const second = new ScriptedTicket({ ticketId: 2 });
  expect(await handler.work(second)).toMatchObject({
    summary: 'KORA_TICKET_STALE_FENCE KORA_TICKET_STALE_FENCE KORA_PLUGIN_INVALID KORA_PLUGIN_INVALID',
  });
  expect(first.reports).toEqual(heard);
  expect([...second.notes, ...second.reports, ...second.ledger]).toEqual([]);
});

test('a guest that dies in the middle of an operation leaves it begun, and nobody waits for its answer', async () => {
  const { handler } = await guestOf(`
    await ticket.operation({ id: 'pay', tool: 'bank', sideEffects: 'once' }, () => process.exit(7));
    return { resolution: 'completed', summary: '' };
  `);
  const ticket = new ScriptedTicket();
  await expect(handler.work(ticket)).rejects.toMatchObject({ code: 'KORA_PLUGIN_FAILED' });
  await vi.waitFor(() =>
    expect(ticket.ledger).toEqual([expect.stringMatching(/^begun/), 'threw KORA_PLUGIN_FAILED']),
  );
});

test('work that is taken away stops waiting for the guest, and the guest hears of it', async () => {
  const { handler } = await guestOf(`
    return ticket.operation({ id: 'pay', tool: 'bank', sideEffects: 'none' }, (key, signal) => new Promise((resolve) => {
      ticket.progress({ detail: 'waiting' });
      signal.addEventListener('abort', () => { context.log.info('run heard it'); resolve('late'); });
      ticket.signal.addEventListener('abort', () => context.log.info('work heard it'));
    }));
  `);
  const taken = new AbortController();
  const ticket = new ScriptedTicket({ signal: taken.signal });
  const work = handler.work(ticket);
  const refused = work.catch((error: unknown) => String(error));
  await vi.waitFor(() => expect(ticket.reports).toHaveLength(1), { timeout: 20_000 });
  taken.abort(new Error('the lease is gone'));
  expect(await refused).toBe('Error: the lease is gone');
  await vi.waitFor(
    () =>
      expect(bench.house.lines.join('\n')).toMatch(
        /run heard it[^]*work heard it|work heard it[^]*run heard it/,
      ),
    { timeout: 20_000 },
  );
  expect(ticket.ledger).toHaveLength(2);
});
