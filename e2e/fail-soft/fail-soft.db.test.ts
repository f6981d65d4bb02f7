import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { IncidentRow, MessageRow } from '@kora/runtime/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { turnMonth } from '../../packages/runtime/src/spend/testing/bench.ts';
import { WireProxy } from '../../packages/runtime/src/store/testing/wire-proxy.ts';
import { Place } from './in-process.ts';
import type { Living } from './in-process.ts';
import { rows, unable } from './rows.ts';
import type { Row } from './rows.ts';

const names = rows.map(({ name }) => name);
const soon = { timeout: 25_000, interval: 20 };

describe('the fail-soft table', () => {
  let place: Place;
  let living: Living;

  beforeAll(async () => {
    place = await Place.make({ probes: names.map(probeOf) });
    living = await place.raise();
    await vi.waitFor(async () => {
      assert.ok((await living.client.probes()).every(({ status }) => status === 'healthy'));
    }, soon);
  });
  afterAll(() => place[Symbol.asyncDispose]());

  it.each(rows.filter(({ apart }) => apart !== true))('$name', (row) => expectRow(row, living, {}));

  it.each(rows.filter(({ apart }) => apart === true))('$name', async (row) => {
    await using apart = await Place.make({ probes: [probeOf(row.name)] });
    const { host = '', port = 0 } = apart.store.connection;
    const network = await WireProxy.open({ host, port });
    const far = await apart.raise({ port: network.port });
    const { database } = apart.store;
    await expectRow(row, far, {
      network,
      // Long past any month that this test may run in.
      money: () => turnMonth(database, '2999-12-01'),
      hurry: () => database.query('delete from kora.claim_ramp'),
    });
  });

  it('is in the documentation, row by row', () => {
    const page = readFileSync(new URL('../../docs/investigations.md', import.meta.url), 'utf8');
    const lines = rows.map(({ name, reads, ends }) => `| ${name} | ${reads} | ${ends} |`);
    const there = page.split('\n').filter((line) => lines.includes(line));
    expect(there).toEqual(lines);
  });
});

/** Runs a row to its end, and holds what every row must come to. */
async function expectRow(row: Row, living: Living, tools: Parameters<Row['during']>[1]): Promise<void> {
  const { client, stage } = living;
  const probe = probeOf(row.name);
  await row.before?.(living, tools);
  stage.see(probe, 'unreachable');
  const incident = await opened(living, probe);
  await row.during(living, tools);
  const findings = (): Promise<MessageRow[]> =>
    told(living, incident).then((all) => all.filter(({ key }) => key === `investigation:${incident.wakeId}`));
  await expect.poll(findings, soon).toHaveLength(1);
  const completed = async () =>
    (await client.events({ type: 'probe.investigation_completed', order: 'desc', limit: 50 })).filter(
      ({ payload }) => payload['wake_id'] === incident.wakeId,
    );
  await expect.poll(completed, soon).toHaveLength(1);
  const all = await told(living, incident);
  expect(all.map(({ key }) => key)).toEqual([
    `incident:${incident.incidentId}:open`,
    ...(row.waits === undefined ? [] : [`investigation:${incident.wakeId}:waits`]),
    `investigation:${incident.wakeId}`,
  ]);
  // What each word of the thread after the first begins with.
  expect(all.slice(1).map(({ body }) => body.split('\n')[0])).toEqual([
    ...(row.waits === undefined ? [] : [unable(row.waits)]),
    row.code === null ? 'Unproven: It was the wind.' : unable(row.code),
  ]);
  const [event] = await completed();
  expect(event?.payload).toMatchObject({ outcome: 'open', code: row.code, incident_id: incident.incidentId });
  const ticketId = event?.ticketId ?? 0;
  await expect.poll(async () => (await client.tickets.show(ticketId)).status, soon).toBe('completed');
  await row.after?.(living, tools);
  await stage.think(null);
  stage.see(probe, 'healthy');
  const ended = async () => (await told(living, incident)).map(({ title }) => title);
  await expect.poll(ended, soon).toContain(`✅ Recovered · ${probe}`);
}

function probeOf(name: string): string {
  return name.replaceAll(/[^a-z]+/g, '_');
}

async function opened({ client }: Living, probe: string): Promise<IncidentRow> {
  const found = async (): Promise<IncidentRow | undefined> =>
    (await client.incidents({ status: 'open' }).catch(() => [])).find((each) => each.probe === probe);
  await expect.poll(found, soon).toBeDefined();
  const incident = await found();
  if (incident === undefined) throw new Error(`the incident of ${probe} is gone`);
  return incident;
}

/** What the inbox holds of an incident, oldest first. */
async function told({ client }: Living, { incidentId }: IncidentRow): Promise<MessageRow[]> {
  const all = await client.messages({ limit: 500 });
  return all.filter(({ thread, channel }) => channel === 'inbox' && thread === `incident:${incidentId}`);
}
