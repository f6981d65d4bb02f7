import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Answer } from './answer.ts';
import { StatementNames } from './statement-names.ts';
import { frame, Frames, readyForQuery, textAt } from './wire.ts';

const message = fc.record({
  type: fc.constantFrom('Q', 'P', 'D', 'd', 'C', 'S'),
  body: fc.uint8Array({ maxLength: 60 }),
});
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });

/** The same bytes in pieces of these lengths, over and over. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const length = lengths[n % lengths.length] ?? 1;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

it('finds the same messages however the bytes arrive', () => {
  fc.assert(
    fc.property(fc.array(message), cuts, (messages, lengths) => {
      const sent = messages.map(({ type, body }) => frame(type, Buffer.from(body)));
      const frames = new Frames();
      const found: Buffer[] = [];
      for (const piece of cut(Buffer.concat(sent), lengths)) {
        frames.push(piece);
        for (let one = frames.next(); one !== undefined; one = frames.next()) found.push(one.bytes);
      }
      expect(found).toEqual(sent);
    }),
  );
});

it('passes on all that the server answers but notifications, however the bytes arrive', () => {
  const answer = fc.record({
    type: fc.constantFrom('D', 'T', 'C', 'A', 'N', 'Z'),
    body: fc.uint8Array({ minLength: 1, maxLength: 60 }),
  });
  fc.assert(
    fc.property(fc.array(answer), cuts, (answers, lengths) => {
      const sent = answers.map(({ type, body }) => ({ type, bytes: frame(type, Buffer.from(body)) }));
      const heard: Buffer[] = [];
      const reader = new Answer({ dropCopyIn: false, onNotification: (one) => heard.push(one) });
      const pieces = cut(Buffer.concat(sent.map(({ bytes }) => bytes)), lengths);
      const passed = Buffer.concat(pieces.flatMap((piece) => reader.read(piece)));
      const kept = sent.filter(({ type }) => type !== 'A').map(({ bytes }) => bytes);
      expect(passed).toEqual(Buffer.concat(kept));
      expect(heard).toEqual(sent.filter(({ type }) => type === 'A').map(({ bytes }) => bytes));
    }),
  );
});

it('knows how the transaction stands when the server is ready', () => {
  const reader = new Answer({ dropCopyIn: true, onNotification: () => undefined });
  reader.read(frame('C', 'BEGIN'));
  expect(reader.status).toBeUndefined();
  reader.read(readyForQuery('T'));
  expect(reader).toMatchObject({ status: 'T', tags: ['BEGIN'] });
});

it('gives a named statement the name of its connection, and leaves the unnamed one alone', () => {
  const names = new StatementNames(7);
  const whole = (type: string, ...parts: string[]): Buffer => {
    const frames = new Frames();
    frames.push(frame(type, ...parts));
    const one = frames.next();
    return one === undefined ? Buffer.alloc(0) : names.rename(one);
  };
  expect(textAt(whole('P', 'same', 'select 1'), 5)).toBe('c7_same');
  expect(whole('B', '', 'same')).toEqual(frame('B', '', 'c7_same'));
  expect(whole('D', 'Ssame')).toEqual(frame('D', 'Sc7_same'));
  expect(whole('D', 'Pportal')).toEqual(frame('D', 'Pportal'));
  expect(whole('P', '', 'select 1')).toEqual(frame('P', '', 'select 1'));
});
