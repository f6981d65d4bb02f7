import type { AttentionView, DecisionRow } from '@kora/runtime/client';
import { describe, expect, it } from 'vitest';
import { busyHouse, troubledHouse } from '../stage/house.ts';
import { daemonRow, incidentRow, stageNow } from '../stage/rows.ts';
import { emptyModel, type Model } from './model.ts';
import { needsOf } from './needs.ts';
import { reduce } from './reduce.ts';

const at = {
  order: 1,
  receivedAt: 0,
  asOf: new Date(stageNow).toISOString(),
  source: 'live',
  reason: null,
} as const;
const listsOf = (
  snapshot: ReturnType<typeof busyHouse>['snapshot'],
  decisions: readonly DecisionRow[] = [],
  attention: AttentionView = { items: [], lastClearedAt: null },
): Model['lists'] => {
  const first = reduce(emptyModel(0), { kind: 'snapshot', snapshot, ...at });
  const read = reduce(first, { kind: 'list', name: 'attention', data: attention, ...at });
  return reduce(read, { kind: 'list', name: 'decisions', data: decisions, ...at }).lists;
};

const question = {
  decisionId: 5,
  kind: 'ticket',
  subject: '38',
  asker: 'kora',
  title: 'May #38 go on?',
  askedAt: at.asOf,
  expiresAt: at.asOf,
  status: 'open',
  verdict: null,
  endedAt: null,
  answeredBy: null,
  answeredVia: null,
  note: null,
} as const;

describe('what needs the operator', () => {
  it('comes worst first, then oldest, and what somebody has taken last', () => {
    const { items, unknown } = needsOf(listsOf(busyHouse().snapshot));
    expect(items.map((need) => `${need.severity} ${need.key}`)).toEqual([
      'critical incident-12',
      'warning daemon-mirror-sync',
      'warning ticket-38',
      'info message-6',
      'warning incident-11',
    ]);
    expect(unknown).toEqual([]);
  });

  it('counts a consequence as nothing, and one that is kept quiet as taken', () => {
    const { snapshot } = busyHouse();
    const incidents = [
      incidentRow({ incidentId: 21, causedBy: 'db' }),
      incidentRow({ incidentId: 22, silencedUntil: new Date(stageNow + 60_000).toISOString() }),
    ];
    const { items } = needsOf(listsOf({ ...snapshot, incidents }));
    const found = items.filter(({ what }) => what === 'incident');
    expect(found).toMatchObject([{ key: 'incident-22', taken: true }]);
  });

  it('names the stop level, each hold and the command that ends it', () => {
    const { snapshot } = troubledHouse();
    const stopped = { ...snapshot, status: { ...snapshot.status, stopLevel: 3 } };
    const commands = needsOf(listsOf(stopped)).items.map((need) => need.command);
    expect(commands).toContain('kora resume --reason "…"');
    expect(commands).toContain('kora resume --hold 3 --reason "…"');
  });

  it('has both answers for a call that waits for a word', () => {
    const { items } = needsOf(listsOf(troubledHouse().snapshot));
    expect(items.find((need) => need.what === 'approval')).toMatchObject({
      title: 'slack asks to call fetch_page, once',
      detail: 'cap_web_fetch: a preview of the link',
      command: 'kora approve 12 --reason "…"',
      otherwise: 'kora deny 12 --reason "…"',
    });
  });

  it('has each question once: one about a blocked ticket stands for the ticket', () => {
    const aboutCall = { ...question, decisionId: 6, kind: 'approval', subject: '12' };
    const { items } = needsOf(listsOf(busyHouse().snapshot, [question, aboutCall]));
    expect(items.map((need) => need.key)).toContain('decision-5');
    expect(items.some((need) => need.key === 'ticket-38' || need.key === 'decision-6')).toBe(false);
  });

  it('counts a fatal daemon as critical, a resolved incident as nothing', () => {
    const { snapshot } = busyHouse();
    const changed = {
      ...snapshot,
      daemons: [daemonRow({ name: 'sealer', state: 'failed', fatal: true })],
      incidents: [incidentRow({ status: 'resolved' })],
    };
    const { items } = needsOf(listsOf(changed));
    expect(items[0]).toMatchObject({ key: 'daemon-sealer', severity: 'critical' });
    expect(items.some((need) => need.what === 'incident')).toBe(false);
  });

  it('has alerts, proposals, a broken chain, and what nobody was told, each once', () => {
    const row = { severity: 'warning', title: 'x', detail: null, since: null, taken: false } as const;
    const items: AttentionView['items'] = [
      { ...row, what: 'chain', id: 40, severity: 'critical', thread: null },
      { ...row, what: 'alert', id: 7, thread: 'alerts' },
      { ...row, what: 'alert', id: 8, taken: true, thread: 'alerts' },
      { ...row, what: 'untold', id: 9, severity: 'critical', thread: 'incident:12' },
      { ...row, what: 'proposal', id: 3, severity: 'info', thread: null },
    ];
    const { snapshot } = busyHouse();
    // The message of the alert that was not told failed too: that is the same story.
    const messages = snapshot.messages.map((message) => ({ ...message, thread: 'incident:12' }));
    const told = needsOf(listsOf({ ...snapshot, messages }, [], { items, lastClearedAt: null })).items;
    const keys = told.map(({ key }) => key);
    expect(keys).toEqual(
      expect.arrayContaining(['chain-40', 'alert-7', 'alert-8', 'untold-9', 'proposal-3']),
    );
    expect(keys).not.toContain('message-6');
    expect(told.find(({ key }) => key === 'alert-7')).toMatchObject({ act: { kind: 'alert', alertId: 7 } });
    expect(told.at(-1)).toMatchObject({ taken: true });
    expect(told.find(({ key }) => key === 'chain-40')).toMatchObject({ href: '/events?seq=40' });
  });

  it('has a proposal and an incident once, though Kora asks about them too', () => {
    const row = { severity: 'info', detail: null, since: null, taken: false, thread: null } as const;
    const items: AttentionView['items'] = [{ ...row, what: 'proposal', id: 3, title: 'x' }];
    const asked = { ...question, decisionId: 7, kind: 'promotion', subject: '3 1 ab12' };
    const elsewhere = { ...asked, decisionId: 8, subject: '4 2 cd34' };
    const ofIncident = { ...asked, decisionId: 9, kind: 'incident', subject: '12' };
    const { snapshot } = busyHouse();
    const lists = listsOf(snapshot, [asked, elsewhere, ofIncident], { items, lastClearedAt: null });
    const keys = needsOf(lists).items.map(({ key }) => key);
    expect(keys).toContain('proposal-3');
    expect(keys).not.toContain('decision-7');
    expect(keys).not.toContain('decision-9');
    // The list of proposals does not have it yet: the question stands for it.
    expect(keys).toContain('decision-8');
    expect(needsOf(lists).items.find(({ key }) => key === 'decision-8')?.href).toBe('/promotions/4');
  });

  it('names a daemon as its page does, by its state', () => {
    const { snapshot } = busyHouse();
    const daemons = [daemonRow({ name: 'sealer', state: 'quarantined' })];
    const { items } = needsOf(listsOf({ ...snapshot, daemons }));
    expect(items.find(({ what }) => what === 'daemon')).toMatchObject({
      act: { kind: 'daemon', name: 'sealer', state: 'quarantined' },
    });
  });

  it('says which lists it does not know, so that nobody reads silence as peace', () => {
    expect(needsOf(emptyModel(0).lists)).toEqual({
      items: [],
      unknown: [
        'status',
        'incidents',
        'tickets',
        'daemons',
        'messages',
        'approvals',
        'decisions',
        'attention',
      ],
    });
  });
});
