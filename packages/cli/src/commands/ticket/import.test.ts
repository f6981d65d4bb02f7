import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { newTicketsSchema } from '@kora/runtime/client';
import { afterEach, expect, it } from 'vitest';
import type { Route } from '../../testing/api-server.ts';
import { openScene } from '../../testing/scene.ts';
import type { Scene } from '../../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

/** A runtime that keeps keys, and refuses a title that says so as the real one would. */
function bulk(): { readonly route: Route; readonly titles: string[] } {
  const keys = new Map<string, number>();
  const titles: string[] = [];
  const route: Route = ({ body }) => {
    const { tickets } = newTicketsSchema.parse(body);
    const wrong = tickets.findIndex(({ title }) => title === 'refuse me');
    if (wrong !== -1)
      return {
        refuse: 400,
        code: 'KORA_REQUEST_INVALID',
        message: `the body: ✖ too bad\n  → at tickets[${wrong}].title`,
        details: { index: wrong, field: 'title' },
      };
    return {
      tickets: tickets.map(({ title, idempotencyKey }) => {
        const known = idempotencyKey === undefined ? undefined : keys.get(idempotencyKey);
        if (known !== undefined) return { ticketId: known, created: false };
        titles.push(title);
        if (idempotencyKey !== undefined) keys.set(idempotencyKey, titles.length);
        return { ticketId: titles.length, created: true };
      }),
    };
  };
  return { route, titles };
}

const lines = (count: number, from = 1): string =>
  Array.from(
    { length: count },
    (_, n) => `${JSON.stringify({ title: `t${from + n}`, idempotencyKey: `k${from + n}` })}\n`,
  ).join('');

async function opened(text: string): Promise<ReturnType<typeof bulk>> {
  const runtime = bulk();
  scene = await openScene({ routes: { 'POST /api/tickets/bulk': runtime.route } });
  await writeFile(join(scene.folder, 'tickets.ndjson'), text);
  return runtime;
}

it('adds each line once, in order, and a second run adds nothing', async () => {
  const { titles } = await opened(`${lines(2_500)}\n`);
  const ran = await scene.run('ticket', 'import', 'tickets.ndjson', '--json');
  expect(ran.exit).toBe(0);
  expect(ran.document().data).toMatchObject({ lines: 2_500, added: 2_500, known: 0 });
  expect(titles).toEqual(Array.from({ length: 2_500 }, (_, n) => `t${n + 1}`));
  const again = await scene.run('ticket', 'import', 'tickets.ndjson');
  expect(again.stdout).toMatch(/added +0 tickets\nknown +2500, by their keys/);
});

it('reads what is piped in', async () => {
  const { titles } = await opened('');
  const live = scene.live(['ticket', 'import', '-'], { stdin: () => Readable.from([lines(3)]) });
  expect((await live.ended).exit).toBe(0);
  expect(titles).toEqual(['t1', 't2', 't3']);
});

it('a line that is no JSON is named; those before it are in, and it goes on behind them', async () => {
  const { titles } = await opened(`${lines(3)}{"title":\n${lines(2, 5)}`);
  const ran = await scene.run('ticket', 'import', 'tickets.ndjson');
  expect(ran.exit).toBe(64);
  expect(ran.stderr).toContain('tickets.ndjson:4 is no JSON object');
  expect(titles).toEqual(['t1', 't2', 't3']);
  expect((await scene.run('ticket', 'import', 'tickets.ndjson', '--from', '5')).exit).toBe(0);
  expect(titles).toEqual(['t1', 't2', 't3', 't5', 't6']);
});

it('a line that the runtime refuses is named with its field, and where to go on', async () => {
  const { titles } = await opened(`${lines(2_000)}\n${lines(3, 2_001)}{"title":"refuse me"}\n`);
  const ran = await scene.run('ticket', 'import', 'tickets.ndjson', '--json');
  expect(ran.exit).not.toBe(0);
  expect(ran.document().error['message']).toMatch(/tickets\.ndjson:2005 title: the body/);
  expect(ran.document().error['hint']).toBe('lines 1 to 2000 are in; mend it and go on with --from 2001');
  expect(titles).toHaveLength(2_000);
});

it('a file that is not there is no import', async () => {
  await opened('');
  const ran = await scene.run('ticket', 'import', 'nowhere.ndjson');
  expect(ran.exit).not.toBe(0);
  expect(ran.stderr).toContain('there is no file');
  expect(scene.api.asked).toEqual([]);
});
