import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvalFilterKeys } from '../panels/approvals/approvals.tsx';
import { bootFilterKeys } from '../panels/boot/boot.tsx';
import { daemonFilterKeys } from '../panels/daemons/daemons.tsx';
import { eventFilterKeys } from '../panels/events/events.tsx';
import { inboxFilterKeys } from '../panels/inbox/inbox.tsx';
import { pluginFilterKeys } from '../panels/plugins/plugins.tsx';
import { probeFilterKeys } from '../panels/probes/probes.tsx';
import { stateFilterKeys } from '../panels/state/state.tsx';
import { ticketFilterKeys } from '../panels/tickets/tickets.tsx';
import { matches, readFilter, writeFilter } from './query.ts';

const panels: readonly (readonly [string, readonly string[]])[] = [
  ['tickets', ticketFilterKeys],
  ['approvals', approvalFilterKeys],
  ['boot', bootFilterKeys],
  ['state', stateFilterKeys],
  ['daemons', daemonFilterKeys],
  ['probes', probeFilterKeys],
  ['inbox', inboxFilterKeys],
  ['events', eventFilterKeys],
  ['plugins', pluginFilterKeys],
];

describe('a filter in the address', () => {
  it.each(panels)('of %s comes back as it was written', (_, keys) => {
    const values = fc.record(Object.fromEntries(keys.map((key) => [key, fc.string({ unit: 'grapheme' })])));
    fc.assert(
      fc.property(values, (filter) => {
        expect(readFilter(writeFilter(filter, keys), keys)).toEqual(filter);
      }),
    );
  });

  it('leaves out what is empty and what is not its own', () => {
    expect(writeFilter({ q: '', lane: 'queued' }, ['q', 'lane'])).toBe('?lane=queued');
    expect(writeFilter({ q: '' }, ['q'])).toBe('');
    expect(readFilter('?q=a&token=secret', ['q'])).toEqual({ q: 'a' });
  });
});

describe('matching', () => {
  it('looks in every text, in any case, and lets everything through when nothing is asked', () => {
    expect(matches(' SHOP ', 'x', 'the shop')).toBe(true);
    expect(matches('shop', 'x', null)).toBe(false);
    expect(matches('  ')).toBe(true);
  });
});
