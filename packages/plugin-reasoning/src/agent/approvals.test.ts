import { describe, expect, it } from 'vitest';
import { bench, claimed, event } from './testing/bench.ts';
import type { Thinker } from './testing/bench.ts';

const done = { resolution: 'completed', summary: 'it is rotated' };

describe('a call that needs the operator’s word', () => {
  const asked = (approval: string, fence: number, what = 'tool:drill') =>
    event(100 + Number(approval), 'kora.escalation.requested', { approval, what }, { fence });
  const ended = event(200, 'reasoning.run_completed', { run_id: 'run', cost_usd: 0 });
  const events = [claimed, asked('1', 3), ended];
  const drilling: Thinker = async (request, call) => {
    if (/approval|still in your hands/.test(request.text)) await call('ticket__finish', done);
    return { text: 'I wait.', receipt: { tools: ['drill'] } };
  };

  it.each([
    ['approved', 'the operator agreed. Make that very call once more, with the same input.'],
    ['refused', 'refused. Go on without it.'],
    ['expired', 'expired. Go on without it.'],
  ] as const)('is waited for, and told: %s', async (status, words) => {
    const said: unknown[] = [];
    const made = await bench(drilling, { events, approvals: { 1: ['pending', 'pending', status] } });
    const result = await made.work({ progress: (report) => said.push(report?.detail) });
    expect(result).toMatchObject(done);
    expect(made.asked[1]?.text).toContain(`- approval 1, tool:drill: ${words}`);
    expect(
      said.filter((detail) => String(detail).includes('waits for your word about tool:drill')),
    ).toHaveLength(2);
  });

  it('is told once, and neither another’s nor an earlier attempt’s that is over', async () => {
    const made = await bench(
      async (request, call) => {
        if (made.asked.length === 3) await call('ticket__finish', done);
        return { receipt: { tools: ['drill'] } };
      },
      {
        events: [
          asked('4', 2, 'tool:old'),
          asked('5', 2, 'tool:open'),
          ...events,
          asked('9', 3, 'tool:theirs'),
        ],
        approvals: { 1: ['approved'], 4: ['used'], 5: ['pending', 'approved'] },
      },
    );
    await made.work();
    const [, second, third] = made.asked.map(({ text }) => text);
    expect(second).toContain('approval 1, tool:drill');
    expect(second).toContain('approval 5, tool:open: the operator agreed');
    expect(second).toContain('approval 9, tool:theirs: refused');
    expect(second).not.toContain('tool:old');
    expect(third).not.toContain('approval');
  });

  it('is not waited for once the ticket is taken away', async () => {
    const taken = new AbortController();
    const made = await bench(drilling, { events, approvals: { 1: ['pending'] } });
    const progress = (report?: { readonly detail?: string }) => {
      if (String(report?.detail).includes('waits')) taken.abort(new Error('lease lost'));
    };
    await expect(made.work({ signal: taken.signal, progress })).rejects.toThrow('lease lost');
  });
});
