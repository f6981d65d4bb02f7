import { describe, expect, it } from 'vitest';
import { isEnough, pauseMs, stopCommand, stopLevels } from './stop-rules.ts';

describe('a stop', () => {
  it('asks for more the further it goes', () => {
    const enough = (reason: string, phrase: string) =>
      stopLevels.filter((level) => isEnough(level, { reason, phrase }));
    expect(enough('', '')).toEqual([1, 2]);
    expect(enough('  ', 'STOP L4')).toEqual([1, 2]);
    expect(enough('a deploy', '')).toEqual([1, 2, 3]);
    expect(enough('a deploy', 'STOP L4')).toEqual([1, 2, 3, 4]);
    expect(enough('a deploy', 'stop l5')).toEqual([1, 2, 3]);
    expect(enough('a deploy', 'STOP L5')).toEqual([1, 2, 3, 5]);
  });

  it('names the command that does the same, and quotes what was typed', () => {
    expect(stopCommand(4, '')).toBe("kora stop --level L4 --reason '…'");
    expect(stopCommand(2, " it's $(late) ")).toBe(
      String.raw`kora stop --level L2 --reason 'it'\''s $(late)'`,
    );
  });
});

describe('a pause', () => {
  it('lasts until it is resumed, for a while, or until tomorrow at eight', () => {
    const evening = Date.parse('2026-11-22T22:30:00Z');
    expect(['resumed', '15m', '1h', 'morning'].map((span) => pauseMs(span as never, evening, 'utc'))).toEqual(
      [null, 900_000, 3_600_000, 34_200_000],
    );
  });
});
