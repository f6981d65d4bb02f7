import { describe, expect, it } from 'vitest';
import {
  correlationsOf,
  downloadText,
  fieldNames,
  inputTime,
  type LogFilter,
  rangePath,
  testOf,
  timeOfInput,
} from './log-filter.ts';
import { bytesText, emptyRing, type LogLine, ringLines, skippedText, withLines } from './ring.ts';

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
  from: '',
  to: '',
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
    const ring = withLines(withLines(emptyRing, [logLine(1)]), [logLine(90), logLine(95)], {
      bytes: 80,
      lines: 1_204,
    });
    expect(ring.entries.map(({ skipped }) => skipped?.bytes ?? null)).toEqual([null, 80, null]);
    const hole = { bytes: 80, lines: 1_204, since: '2026-11-21T12:04:11.000Z' };
    expect(skippedText(hole, '2026-11-21T12:04:12.338Z')).toBe('1,204 lines (900/s)');
    expect(skippedText({ ...hole, lines: null }, '2026-11-21T12:04:12.338Z')).toBe('80 bytes');
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
    expect(fieldNames([{ line, skipped: null }])).toEqual(['fence', 'ticketId']);
  });

  it('names a range, and writes it down oldest first', () => {
    expect(rangePath(all)).toBeNull();
    expect(rangePath({ ...all, before: '000000000000500' })).toBe(
      '/api/logs?limit=1000&before=000000000000500',
    );
    expect(rangePath({ ...all, line: '000000000000500' })).toBe('/api/logs?limit=1000&before=66036');
    const day = { ...all, from: '2026-11-21T12:00:00Z', to: 'never' };
    expect(rangePath(day)).toBe('/api/logs?limit=1000&since=2026-11-21T12%3A00%3A00.000Z');
    expect(rangePath(day, '7')).toBe('/api/logs?limit=1000&since=2026-11-21T12%3A00%3A00.000Z&before=7');
    expect(inputTime('2026-11-21T12:00:00Z', 'utc')).toBe('2026-11-21T12:00:00');
    for (const zone of ['utc', 'local'] as const)
      expect(timeOfInput(inputTime(day.from, zone), zone)).toBe('2026-11-21T12:00:00.000Z');
    const [first = ''] = downloadText([logLine(2), logLine(1)]).split('\n');
    expect(JSON.parse(first)).toMatchObject({ place: '000000000000001' });
  });
});
