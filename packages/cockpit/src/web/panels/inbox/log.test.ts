import { describe, expect, it } from 'vitest';
import { titleOf } from './log-item.tsx';
import { logPath, type LogRow, ofSide, sideOf, unitedRows } from './log.ts';

function logRow(part: Partial<LogRow> = {}): LogRow {
  return {
    key: 'inbound:7',
    at: '2026-11-21T12:00:00.000Z',
    direction: 'in',
    channel: 'email',
    status: 'received',
    title: '',
    text: 'How much memory is left?',
    who: 'op@example.org',
    trusted: true,
    reason: null,
    attempts: 1,
    messageId: null,
    inboundId: 7,
    seq: null,
    ...part,
  };
}

describe('the log of messages', () => {
  it('is asked for by its side, channel and state', () => {
    expect(sideOf('bogus')).toBe('told');
    expect(logPath({ side: 'sent', channel: '', status: 'failed' })).toBe(
      '/api/message-log?direction=out&limit=100&status=failed',
    );
    expect(logPath({ side: 'refused', channel: 'webhook', status: 'waiting' }, 'p1')).toBe(
      '/api/message-log?direction=in&limit=100&status=refused&channel=webhook&before=p1',
    );
  });

  it('shows what was turned away on a side of its own, and no row twice', () => {
    const rows = [logRow(), logRow({ key: 'refused:9', status: 'refused', seq: 9 })];
    expect(ofSide(rows, 'received').map((row) => row.key)).toEqual(['inbound:7']);
    expect(unitedRows(rows, rows)).toHaveLength(2);
  });

  it('says who, where a message has no title', () => {
    expect(titleOf(logRow())).toBe('from op@example.org');
    expect(titleOf(logRow({ direction: 'out', who: null }))).toBe('to unknown');
  });
});
