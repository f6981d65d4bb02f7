import { pairingWishSchema } from '@kora/runtime/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import * as row from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const routes: Record<string, Route> = {
  'POST /api/pairing': ({ body }) => ({
    url: 'http://127.0.0.1:9119/pair#code=abc',
    expiresAt: row.before(-120),
    code: 'ABCD-EFGH',
    scopes: pairingWishSchema.parse(body).scopes ?? ['read'],
  }),
  'GET /api/sessions': () => ({
    sessions: [
      {
        sessionId: '3f9a1c2b44d0',
        device: 'Firefox on Linux',
        scopes: ['read', 'stop'],
        createdAt: row.before(3_600),
        seenAt: row.before(60),
        expiresAt: row.before(-86_400),
        current: false,
        freshUntil: null,
      },
    ],
    refused: {
      total: 3,
      since: row.before(7_200),
      causes: [{ cause: 'wrong_token', count: 3, lastAt: row.noon }],
    },
  }),
  'POST /api/sessions/3f9a1c2b44d0/revoke': () => ({ revoked: ['3f9a1c2b44d0'] }),
  'POST /api/sessions/revoke': () => ({ revoked: ['a', 'b'] }),
};

let scene: Scene;
beforeEach(async () => void (scene = await openScene({ routes })));
afterEach(async () => await scene.close());

describe('cockpit', () => {
  it('prints the link alone on stdout', async () => {
    const ran = await scene.run('cockpit');
    expect(ran).toMatchObject({
      exit: 0,
      stdout: 'http://127.0.0.1:9119/pair#code=abc\n',
      stderr: 'open it in a browser; it works once and ends in 2 min\nby hand, at /pair: ABCD-EFGH\n',
    });
    expect((await scene.run('cockpit', '--quiet')).stderr).toBe('');
  });

  it('hands on no more than it is told to, and says what it does not know', async () => {
    expect(JSON.parse((await scene.run('cockpit', '--scopes', 'read,stop', '--json')).stdout)).toMatchObject({
      data: { scopes: ['read', 'stop'] },
    });
    expect(JSON.parse((await scene.run('cockpit', '--read-only', '--json')).stdout)).toMatchObject({
      data: { scopes: ['read'] },
    });
    expect(await scene.run('cockpit', '--scopes', 'read,root')).toMatchObject({ exit: 64 });
  });

  it('lists who is signed in and who was turned away, and signs out', async () => {
    const { stdout } = await scene.run('cockpit', 'sessions');
    expect(stdout).toContain('3f9a1c2b44d0  Firefox on Linux  read stop');
    expect(stdout).toContain('turned away 3 times since 2 h ago: wrong token 3');
    expect((await scene.run('cockpit', 'revoke', '--all')).stdout).toBe('revoked  a\nrevoked  b\n');
    expect((await scene.run('cockpit', 'revoke', '3f9a1c2b44d0')).exit).toBe(0);
    expect((await scene.run('cockpit', 'revoke')).exit).toBe(64);
  });

  it.each([
    { what: 'stays', code: undefined, says: 'opened in the browser; it works once' },
    { what: 'hands it on', code: 0, says: 'opened in the browser; it works once' },
    { what: 'finds none', code: 3, says: 'xdg-open found no browser here: open the address above in one' },
    {
      what: 'is not there',
      code: null,
      says: 'xdg-open found no browser here: open the address above in one',
    },
  ])('opens a browser where there is a display, and says what came of it: $what', async ({ code, says }) => {
    const started: unknown[] = [];
    let released = false;
    const sink = { isTTY: true, columns: 80, write: () => undefined, closed: new AbortController().signal };
    const live = scene.live(['cockpit'], {
      stdout: sink,
      env: { KORA_HOME: scene.home, DISPLAY: ':0' },
      // One that ended is heard of before the wait for it is over.
      sleep: () => new Promise((resolve) => setTimeout(resolve, code === undefined ? 0 : 60_000).unref()),
      start: async (options) => {
        started.push([options.command, ...options.args]);
        return await Promise.resolve({
          pid: 1,
          onMessage: () => undefined,
          onEnd: (listener) => (code === undefined ? undefined : listener(code)),
          release: () => void (released = true),
        });
      },
    });
    const { exit, stderr } = await live.ended;
    expect(exit).toBe(0);
    expect(stderr).toContain(says);
    expect(stderr.includes('by hand, at /pair')).toBe(code === 3 || code === null);
    expect(started).toEqual([['xdg-open', 'http://127.0.0.1:9119/pair#code=abc']]);
    expect(released).toBe(true);
  });
});
