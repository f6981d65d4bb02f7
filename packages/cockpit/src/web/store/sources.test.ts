import { operationalStateSchema, snapshotSchema } from '@kora/runtime/client';
import { describe, expect, it } from 'vitest';
import { busyHouse, emptyHouse, troubledHouse } from '../stage/house.ts';
import { stirredBy } from './sources.ts';

describe('the lists', () => {
  it.each([
    ['sea_ticket.claimed_for_edit', ['status', 'tickets', 'incidents']],
    ['kora.sea_ticket.resolved', ['status', 'tickets', 'incidents']],
    ['probe.wake_requested', ['status', 'probes', 'incidents']],
    ['kora.operational_state.transitioned', ['status', 'state']],
    ['kora.hold.added', ['status', 'state', 'attention']],
    ['kora.control.issued', ['status', 'state']],
    ['kora.escalation.requested', ['status', 'approvals', 'decisions', 'attention']],
    ['kora.approval.expired', ['status', 'approvals', 'decisions', 'attention']],
    ['kora.spend.rung_changed', ['status']],
    ['kora.plugin.degraded', ['status', 'daemons', 'tasks', 'plugins']],
    ['kora.daemon.failed', ['status', 'daemons', 'tasks', 'plugins']],
    ['notification.delivered', ['messages', 'attention']],
    ['kora.boot.ready', ['status', 'state', 'boot']],
    ['stranger.spoke', []],
  ])('that %s makes old are %j', (type, names) => {
    expect(stirredBy(type)).toEqual(names);
  });

  it.each([
    ['busy', busyHouse()],
    ['empty', emptyHouse()],
    ['troubled', troubledHouse()],
  ])('of the %s staged house have the shapes of the API', (_, house) => {
    expect(snapshotSchema.parse(house.snapshot)).toEqual(house.snapshot);
    expect(operationalStateSchema.parse(house.state)).toEqual(house.state);
  });
});
