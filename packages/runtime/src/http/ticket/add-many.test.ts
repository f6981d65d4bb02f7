import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKoraClient } from '../client.ts';
import { serverBench, token } from '../testing/server.ts';
import { addMany } from './add-many.ts';
import type { NewTicketInput } from './add-many.ts';

interface Sent {
  readonly tickets: readonly NewTicketInput[];
}

test('whatever the sizes, each ticket is sent once, in order, in requests that are taken', async () => {
  const ticket = fc.record({
    title: fc.string({ minLength: 1, maxLength: 20 }),
    blob: fc.nat({ max: 3_000_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(ticket, { maxLength: 12 }), fc.nat({ max: 7 }), async (wishes, chunk) => {
      const tickets = wishes.map(({ title, blob }) => ({ title, payload: { blob: 'x'.repeat(blob) } }));
      const bodies: Sent[] = [];
      let number = 0;
      const told: number[] = [];
      const send = (body: object): Promise<{ tickets: { ticketId: number; created: boolean }[] }> => {
        const sent = body as Sent;
        bodies.push(sent);
        return Promise.resolve({
          tickets: sent.tickets.map(() => ({ ticketId: (number += 1), created: true })),
        });
      };
      const added = await addMany(send, tickets, { chunk, onProgress: (count) => told.push(count) });
      expect(bodies.flatMap((body) => body.tickets)).toEqual(tickets);
      expect(added.map(({ ticketId }) => ticketId)).toEqual(tickets.map((_, place) => place + 1));
      expect(told.at(-1) ?? 0).toBe(tickets.length);
      for (const { tickets: part } of bodies) {
        expect(part.length).toBeLessThanOrEqual(Math.max(1, chunk));
        expect(part.length === 1 || JSON.stringify(part).length < 5_100_000).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});

test('requests overlap only where every ticket has a key, and answers stay in order whichever comes first', async () => {
  const oneOf = async (keyed: boolean): Promise<{ most: number; ids: number[] }> => {
    let [under, most, sent] = [0, 0, 0];
    const send = async (body: object): Promise<{ tickets: { ticketId: number; created: boolean }[] }> => {
      const { tickets } = body as Sent;
      under += 1;
      sent += 1;
      most = Math.max(most, under);
      // Every other answer comes late.
      for (let turn = 0; turn < (sent % 2 === 0 ? 1 : 50); turn += 1) await Promise.resolve();
      under -= 1;
      return { tickets: tickets.map(({ title }) => ({ ticketId: Number(title), created: true })) };
    };
    const tickets = Array.from({ length: 20 }, (_, n) => ({
      title: String(n),
      ...(keyed ? { idempotencyKey: `k${n}` } : {}),
    }));
    const added = await addMany(send, tickets, { chunk: 3 });
    return { most, ids: added.map(({ ticketId }) => ticketId) };
  };
  const ids = Array.from({ length: 20 }, (_, n) => n);
  expect(await oneOf(false)).toEqual({ most: 1, ids });
  expect(await oneOf(true)).toEqual({ most: 2, ids });
});

test('a wrong one is told with its place in the whole list', async () => {
  const { server, house } = await serverBench();
  house.addTickets = (tickets) =>
    Promise.resolve({ tickets: tickets.map((_, place) => ({ ticketId: place + 1, created: true })) });
  const client = createKoraClient({ url: server.url, token });
  const tickets = Array.from({ length: 25 }, (_, n) => ({
    title: n === 13 ? '' : `the ${n}.`,
    idempotencyKey: `k${n}`,
  }));
  await expect(client.tickets.addMany(tickets, { chunk: 10 })).rejects.toMatchObject({
    status: 400,
    code: 'KORA_REQUEST_INVALID',
    message: expect.stringContaining('tickets[3].title'),
    details: { index: 13, field: 'title', added: 10 },
  });
});

test('thousands of wrong ones are refused in a few lines', async () => {
  const { server, house } = await serverBench();
  const client = createKoraClient({ url: server.url, token });
  const tickets = Array.from({ length: 5_000 }, () => ({ title: '' }));
  const refused = await client.tickets.addMany(tickets).catch((error: unknown) => error);
  expect(refused).toMatchObject({ message: expect.stringMatching(/and 4995 more$/) });
  expect(house.asked).toEqual([]);
});

test('only where thousands come at once may a body be large', async () => {
  const { ask } = await serverBench();
  const large = JSON.stringify({ tickets: [{ title: 'large', payload: { text: 'x'.repeat(100_000) } }] });
  expect((await ask('POST', '/api/tickets/bulk', {}, large)).status).toBe(200);
  expect((await ask('POST', '/api/tickets', {}, large)).status).toBe(413);
  const head = { 'Content-Length': String(16 * 1_024 * 1_024 + 1) };
  expect((await ask('POST', '/api/tickets/bulk', head, '{}')).status).toBe(413);
  expect((await ask('POST', '/api/tickets/bulk', {}, '{"tickets":[]}')).status).toBe(400);
});
