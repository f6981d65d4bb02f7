import { describe, expect, it } from 'vitest';
import { correlationsOf, downloadText, fieldNames, type LogFilter, rangePath, testOf } from './log-filter.ts';
import { bytesText, emptyRing, type LogLine, ringLines, withLines } from './ring.ts';

function logLine(at: number, part: Partial<LogLine> = {}): LogLine {
  return {
    place: String(at).padStart(15, '0'),
    time: '2026-11-21T12:04:11.000Z',
    level: 'info',
    logger: 'claim-loop',
    message: 'claimed',
    fields: {},
    ...part,
  };
}

const all: LogFilter = {
  q: '',
  re: '',
  level: '',
  logger: '',
  field: '',
  col: '',
  wrap: '',
  before: '',
  line: '',
};

describe('the ring', () => {
  it('keeps the newest, each once, in the order of the log', () => {
    const ring = withLines(withLines(emptyRing, [logLine(5), logLine(9)]), [
      logLine(9),
      logLine(7),
      logLine(12),
    ]);
    expect(ring.entries.map(({ line }) => Number(line.place))).toEqual([12, 9, 7, 5]);
    const full = withLines(
      emptyRing,
      Array.from({ length: ringLines + 3 }, (_, at) => logLine(at)),
    );
    expect([full.entries.length, full.letGo]).toEqual([ringLines, 3]);
  });

  it('says where something was skipped', () => {
    const ring = withLines(withLines(emptyRing, [logLine(1)]), [logLine(90), logLine(95)], 80);
    expect(ring.entries.map((entry) => entry.skippedBytes)).toEqual([0, 80, 0]);
    expect([bytesText(80), bytesText(20_480), bytesText(3_145_728)]).toEqual([
      '80 bytes',
      '20 KiB',
      '3.0 MiB',
    ]);
  });
});

describe('the filter', () => {
  const line = logLine(1, { level: 'warn', message: 'lease lost', fields: { ticketId: 41, fence: 3 } });

  it('asks for a level and what is worse, a room, a field, words or a pattern', () => {
    const fits = (part: Partial<LogFilter>): boolean => testOf({ ...all, ...part }).fits(line);
    expect([fits({ level: 'info' }), fits({ level: 'error' })]).toEqual([true, false]);
    expect([fits({ field: 'ticketId:41' }), fits({ field: 'ticketId:4' })]).toEqual([true, false]);
    expect([fits({ q: 'LEASE' }), fits({ q: 'le.*st', re: '1' }), fits({ q: 'le.*st' })]).toEqual([
      true,
      true,
      false,
    ]);
    expect(testOf({ ...all, q: '(', re: '1' }).problem).not.toBeNull();
  });

  it('finds what a line belongs to, and the columns that can be made', () => {
    expect(correlationsOf(line)).toEqual([{ name: 'ticketId', value: '41', href: '/tickets/41' }]);
    expect(fieldNames([{ line, skippedBytes: 0 }])).toEqual(['fence', 'ticketId']);
  });

  it('names a range, and writes it down oldest first', () => {
    expect(rangePath(all)).toBeNull();
    expect(rangePath({ before: '000000000000500', line: '' })).toBe(
      '/api/logs?limit=1000&before=000000000000500',
    );
    expect(rangePath({ before: '', line: '000000000000500' })).toBe('/api/logs?limit=1000&before=66036');
    const [first = ''] = downloadText(withLines(emptyRing, [logLine(1), logLine(2)]).entries).split('\n');
    expect(JSON.parse(first)).toMatchObject({ place: '000000000000001' });
  });
});
