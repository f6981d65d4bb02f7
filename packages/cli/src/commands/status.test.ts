import type { HoldRow, Status } from '@kora/runtime/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as row from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
let answer: Status;
beforeAll(async () => {
  scene = await openScene({ routes: { 'GET /api/status': () => answer } });
});
afterAll(() => scene.close());

async function told(over: Partial<Status>): Promise<string> {
  answer = row.status(over);
  return (await scene.run('status')).stdout;
}

const stop = {
  level: 2,
  reason: 'a \u001B[31mdeploy',
  by: 'operator',
  via: 'sentinel',
  since: row.before(180),
  expiresAt: null,
} as const;
const hold = (holdId: number, cause: HoldRow['cause'], owner: string): HoldRow => ({
  holdId,
  cause,
  owner,
  reason: 'why',
  since: row.before(60),
  expiresAt: null,
});

it('what waits for your word is counted, with the command that lists it', async () => {
  expect(await told({ decisionsWaiting: 3 })).toMatch(/^decisions +3 waiting for you: kora decision list$/m);
  expect(await told({ decisionsWaiting: 0 })).toMatch(/^decisions +none waiting$/m);
});

describe('what keeps it', () => {
  it('a stop: how hard, by whom, since when, why, and what ends it', async () => {
    const text = await told({ stopLevel: 2, stop, holds: [hold(1, 'chain', 'tail')] });
    expect(text).toMatch(/^stop +L2 by operator \(sentinel\), 3 min ago: a .*deploy$/m);
    expect(text).toMatch(/\ngo on with: kora resume --reason '\.\.\.'\n$/);
    expect(text).not.toContain('\u001B');
  });

  it.each([
    { holds: [hold(1, 'dr', 'store'), hold(2, 'operator', 'mcp:desk')], mend: "kora resume --reason '...'" },
    {
      holds: [hold(3, 'cost', 'spend'), hold(4, 'dr', 'store')],
      mend: "kora resume --hold 4 --reason '...'",
    },
    { holds: [hold(5, 'cost', 'spend')], mend: 'kora cost' },
  ])('holds: the one command that is due is $mend', async ({ holds, mend }) => {
    const text = await told({ primaryState: 'paused', holds });
    expect(text.trimEnd().split('\n').at(-1)).toBe(`go on with: ${mend}`);
  });

  it('names the owner of a hold where that is somebody else', async () => {
    const text = await told({ holds: [hold(2, 'operator', 'mcp:desk'), hold(3, 'operator', 'operator')] });
    expect(text).toMatch(/#2 operator by mcp:desk, 1 min ago: why$/m);
    expect(text).toMatch(/#3 operator, 1 min ago: why$/m);
  });

  it('nothing: and then nothing is offered', async () => {
    const text = await told({});
    expect(text).toMatch(/^stop +none$/m);
    expect(text).toMatch(/^approvals +none waiting$/m);
    expect(text).not.toContain('go on with');
  });
});

it('says how many calls wait for a word, and where they are', async () => {
  expect(await told({ approvalsWaiting: 2 })).toMatch(/^approvals +2 waiting for you: kora approval list$/m);
});
