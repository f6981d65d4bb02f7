import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asHistory } from './history.ts';

const turn = fc.record({
  direction: fc.constantFrom('inbound' as const, 'outbound' as const),
  text: fc.string({ minLength: 1 }),
  at: fc.constant('2026-01-01T00:00:00.000Z'),
});

test('a history begins with who asked, alternates, and loses nothing that was said after that (daemon defect W56)', () => {
  fc.assert(
    fc.property(fc.array(turn), (turns) => {
      const history = asHistory(turns);
      history.forEach(({ direction }, at) => expect(direction).toBe(at % 2 === 0 ? 'inbound' : 'outbound'));
      const first = turns.findIndex(({ direction }) => direction === 'inbound');
      const said = first === -1 ? [] : turns.slice(first);
      expect(history.map(({ text }) => text).join('\n\n')).toBe(said.map(({ text }) => text).join('\n\n'));
    }),
  );
});

test('what is a history already stays as it is', () => {
  fc.assert(
    fc.property(fc.array(turn), (turns) => {
      const history = asHistory(turns);
      expect(asHistory(history)).toEqual(history);
    }),
  );
});
