import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  incidentSchema,
  messageSchema,
  statusSchema,
  ticketDetailSchema,
  verifySchema,
} from '@kora/runtime/client';
import type { IncidentRow, MessageRow, TicketDetail } from '@kora/runtime/client';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from './harness/child.ts';
import { House } from './harness/house.ts';
import { freePort } from './harness/ports.ts';
import { until } from './harness/wait.ts';

const example = fileURLToPath(new URL('../examples/watch-a-service', import.meta.url));
const shopsPort = 8091;

const inbox = z.array(messageSchema);
const incidents = z.array(incidentSchema);

/** The README's story, told once: the shop dies, Kora finds out, the shop comes back. */
describe('examples/watch-a-service', () => {
  const house = new House();
  let port = 0;
  let killedAt = 0;

  beforeAll(async () => {
    port = await freePort();
    const shop = await openShop(house, port);
    await house.up(['--config', exampleConfig(house, port)]);
    await until('the shop to be seen healthy', async () => {
      return (await house.api().probes()).some(({ name, status }) => name === 'shop' && status === 'healthy');
    });
    killedAt = Date.now();
    shop.signal('SIGKILL');
    await until('the findings in the inbox', async () => {
      return (await told(house)).some(({ title }) => title === 'Findings · shop');
    });
    await openShop(house, port);
    await until('the word that it is back', async () => {
      return (await told(house)).some(({ title }) => title.includes('Recovered'));
    });
  });

  afterAll(() => house[Symbol.asyncDispose]());

  it('opens one incident, and closes it when the shop is back', async () => {
    const { data } = await house.read(incidents, 'incident', 'list');
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({
      probe: 'shop',
      category: 'unreachable',
      severity: 'critical',
      status: 'resolved',
    });
  });

  it('tells the operator at once, then the findings, then the recovery, all in one thread', async () => {
    const messages = await told(house);
    const { incidentId, wakeId } = await theIncident(house);
    expect(messages.map(({ key }) => key)).toEqual([
      `incident:${incidentId}:open`,
      `investigation:${wakeId}`,
      expect.stringContaining(`incident:${incidentId}:resolve:`),
    ]);
    expect(new Set(messages.map(({ thread }) => thread))).toEqual(new Set([`incident:${incidentId}`]));
    for (const message of messages) expect(message).toMatchObject({ status: 'delivered', attempts: 1 });
  });

  it('puts the alert before the diagnosis: accepted with the incident, delivered before the findings', async () => {
    const [alert, findings] = await told(house);
    const incident = await theIncident(house);
    // One transaction makes both rows, a moment apart at most by the database's clock.
    expect(at(alert?.createdAt) - at(incident.openedAt)).toBeLessThan(1_000);
    expect(at(alert?.deliveredAt)).toBeLessThan(at(findings?.deliveredAt));
    // The look that found it gone may have been on its way already: one is, every second.
    expect(at(incident.failingSince)).toBeGreaterThan(killedAt - 1_000);
    expect(alert).toMatchObject({ severity: 'critical', title: '🚨 Probe alert · shop' });
    expect(alert?.body).toContain(`http://127.0.0.1:${port}/health`);
    expect(alert?.body).toContain('Nothing else fails.');
  });

  it('resolves one ticket with facts that were gathered, and the findings say them', async () => {
    const ticket = await theTicket(house);
    const { wakeId } = await theIncident(house);
    expect(ticket).toMatchObject({
      kind: 'probe_investigation',
      status: 'completed',
      attempts: 1,
      idempotencyKey: wakeId,
      correlationId: wakeId,
    });
    expect(ticket.outcomes.map(({ resolution }) => resolution)).toEqual(['completed']);
    const facts = z.array(z.object({ line: z.string() })).parse(ticket.result?.['facts']);
    expect(facts.length).toBeGreaterThan(1);
    const findings = (await told(house))[1];
    for (const { line } of facts.slice(0, 6)) expect(findings?.body).toContain(line);
    expect(findings?.body).toMatch(/^Next step: \S/m);
  });

  it('is ready again with nothing open', async () => {
    const { data } = await house.read(statusSchema, 'status');
    expect(data).toMatchObject({
      primaryState: 'ready',
      openIncidents: 0,
      tickets: { queued: 0, in_progress: 0, deferred: 0, failed_or_blocked: 0 },
      probes: { failing: 0 },
    });
  });

  it('wrote it all on a chain that verifies', async () => {
    const { data, code } = await house.read(verifySchema, 'event', 'verify');
    expect(data).toMatchObject({ ok: true, checked: data.head.seq });
    expect(code).toBe(0);
    const { data: events } = await house.read(
      z.array(z.object({ type: z.string() })),
      'event',
      'tail',
      '--limit',
      '500',
    );
    const once = ['probe.wake_requested', 'probe.investigation_completed', 'probe.incident_resolved'];
    for (const type of once) expect(events.filter((event) => event.type === type)).toHaveLength(1);
  });
});

async function openShop(house: House, port: number): Promise<Child> {
  const shop = house.startNode([join(example, 'shop.mjs')], { SHOP_PORT: String(port) });
  await until('the shop to open', () => shop.stdout.includes('the shop is open'));
  return shop;
}

/** The example's own file, with nothing but the port changed. */
function exampleConfig(house: House, port: number): string {
  const text = readFileSync(join(example, 'kora.json'), 'utf8');
  return house.file('kora.json', text.replace(String(shopsPort), String(port)));
}

async function told(house: House): Promise<MessageRow[]> {
  return (await house.read(inbox, 'inbox')).data;
}

async function theIncident(house: House): Promise<IncidentRow> {
  const [incident] = (await house.read(incidents, 'incident', 'list')).data;
  return incidentSchema.parse(incident);
}

async function theTicket(house: House): Promise<TicketDetail> {
  const { ticketId } = await theIncident(house);
  return (await house.read(ticketDetailSchema, 'ticket', 'show', String(ticketId))).data;
}

function at(iso: string | null | undefined): number {
  return Date.parse(iso ?? '');
}
