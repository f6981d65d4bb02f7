import { describe, expect, it } from 'vitest';
import { busyHouse, troubledHouse } from '../stage/house.ts';
import { bootReport, eventRow, incidentRow, messageRow, probeRow, taskRow } from '../stage/rows.ts';
import { verdictOf } from './boot/boot.tsx';
import { byTrouble as tasksByTrouble } from './daemons/tasks.tsx';
import { ofType, prefixesOf } from './events/filter.ts';
import { threadsOf } from './inbox/threads.ts';
import { nextRuns } from './overview/next-runs.tsx';
import { contributionsOf } from './plugins/contributions.ts';
import { byTrouble, openFirst } from './probes/order.ts';

const house = busyHouse().snapshot;

describe('the order of things', () => {
  it('puts failing and late tasks first, then what runs next', () => {
    const names = [...house.tasks].sort(tasksByTrouble).map((task) => task.name);
    expect(names.slice(0, 3)).toEqual(['mirror.compare', 'probes.shop', 'tickets.reap']);
    expect(names.at(-1)).toBe('reports.nightly');
  });

  it('puts failing probes first, the unknown before the well', () => {
    const rows = [
      probeRow({ name: 'b' }),
      probeRow({ name: 'a', status: null }),
      probeRow({ name: 'c', status: 'unhealthy' }),
    ];
    expect(rows.sort(byTrouble).map((row) => row.name)).toEqual(['c', 'a', 'b']);
  });

  it('puts open incidents first, the worst on top', () => {
    const rows = [
      incidentRow({ incidentId: 1, status: 'resolved' }),
      incidentRow({ incidentId: 2, severity: 'warning' }),
      incidentRow({ incidentId: 3, severity: 'critical' }),
    ];
    expect(rows.sort(openFirst).map((row) => row.incidentId)).toEqual([3, 2, 1]);
  });

  it('shows the five runs that are due first, and none without a time', () => {
    expect(
      nextRuns([...house.tasks, taskRow({ name: 'never', nextDueAt: null })]).map((task) => task.name),
    ).toEqual(['mirror.compare', 'probes.shop', 'tickets.reap', 'probes.disk', 'probes.memory']);
  });
});

describe('threads', () => {
  it('gather messages in the order they were told, worst severity first to see', () => {
    const rows = [
      messageRow({ messageId: 9, severity: 'info' }),
      messageRow({ messageId: 4 }),
      messageRow({ messageId: 7, thread: 'b' }),
    ];
    const [first] = threadsOf(rows).filter((thread) => thread.name === 'incident-12');
    expect(first?.messages.map((message) => message.messageId)).toEqual([4, 9]);
    expect(first?.worst).toBe('critical');
    expect(threadsOf([])).toEqual([]);
  });
});

describe('events of a type', () => {
  it('come from both sources, each once, newest first', () => {
    const older = [eventRow({ seq: 4, type: 'probe.b' }), eventRow({ seq: 2, type: 'probe.a' })];
    const live = [eventRow({ seq: 5, type: 'kora.x' }), eventRow({ seq: 4, type: 'probe.b' })];
    expect(ofType(older, live, 'probe.').map((event) => event.seq)).toEqual([4, 2]);
    expect(ofType([], live, '')).toBe(live);
  });

  it('are offered by the first words of their types', () => {
    const types = ['kora.boot.ready', 'kora.boot.failed', 'probe.a', 'probe.b', 'probe.c', 'plain'];
    expect(prefixesOf(types.map((type, seq) => eventRow({ seq, type })))).toEqual([
      { prefix: 'probe.', count: 3 },
      { prefix: 'kora.boot.', count: 2 },
      { prefix: 'plain.', count: 1 },
    ]);
  });
});

describe('a boot', () => {
  it('says its verdict in one line', () => {
    expect(verdictOf(bootReport())).toEqual({ text: '7/7 passed in 398 ms · boot #17', tone: 'ready' });
    expect(verdictOf(troubledHouse().snapshot.boot).text).toBe(
      'Came up paused at gate 5, 4/7 passed · boot #17',
    );
    expect(verdictOf(bootReport({ outcome: 'running', bootId: null })).text).toBe('7/7 passed, booting');
  });
});

describe('what a plugin brings', () => {
  it('is compared with what it registered', () => {
    const plugin = {
      isolation: 'process' as const,
      contributes: { tasks: ['a', 'b'], probes: [] },
      registered: { tasks: ['b', 'c'] },
    };
    expect(contributionsOf(plugin)).toEqual([
      {
        kind: 'tasks',
        names: [
          { name: 'a', state: 'declared' },
          { name: 'b', state: 'both' },
          { name: 'c', state: 'registered' },
        ],
      },
    ]);
  });

  it('is not accused when it was never loaded', () => {
    const names = contributionsOf({
      isolation: null,
      contributes: { channels: ['pager'] },
      registered: {},
    })[0]?.names;
    expect(names).toEqual([{ name: 'pager', state: 'both' }]);
  });
});
