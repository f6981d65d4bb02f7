import { afterEach, describe, expect, it } from 'vitest';
import type { Route } from '../../testing/api-server.ts';
import { event } from '../../testing/rows.ts';
import { announceRunning, openScene } from '../../testing/scene.ts';
import type { Scene } from '../../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const newest: Record<string, Route> = { 'GET /api/chain-events': () => [event({ seq: 10 })] };

describe('event tail --follow', () => {
  it('shows the newest, then what comes, as NDJSON, once each, and ends 130 on Ctrl-C', async () => {
    scene = await openScene({ routes: newest });
    const live = scene.live(['event', 'tail', '--follow', '--json', '--limit', '1']);
    await scene.api.opened(1);
    scene.api.beat();
    scene.api.tell(event({ seq: 10 }));
    scene.api.tell(event({ seq: 11, type: 'kora.boot.ready' }));
    await live.says('kora.boot.ready');
    live.send('SIGINT');
    const ran = await live.ended;
    expect(ran).toMatchObject({ exit: 130, stderr: '' });
    expect(ran.lines().map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([10, 11]);
  });

  it('goes on from the last sequence when the connection breaks', async () => {
    scene = await openScene({ routes: newest });
    const live = scene.live(['event', 'tail', '--follow', '--type', 'probe']);
    await scene.api.opened(1);
    scene.api.tell(event({ seq: 12, type: 'probe.wake_requested' }));
    scene.api.tell(event({ seq: 13, type: 'probes.of_another_kind' }));
    await live.says('#12');
    scene.api.cut();
    await scene.api.opened(2);
    scene.api.tell(event({ seq: 14, type: 'probe.recovered' }));
    await live.says('#14');
    live.send('SIGTERM');
    const ran = await live.ended;
    expect(ran.stderr).toBe('-- the runtime does not answer; waiting for it\n-- connected again\n');
    expect(ran.stdout).not.toContain('of_another_kind');
    const streams = scene.api.asked.filter(({ path }) => path === '/api/events/stream');
    expect(streams.map(({ headers }) => headers['last-event-id'])).toEqual(['10', '13']);
    expect(streams[0]?.query).toEqual({ complete: '1', type: 'probe' });
  });

  it('goes on where a restored store ends, and says so', async () => {
    scene = await openScene({ routes: newest });
    const live = scene.live(['event', 'tail', '--follow']);
    await scene.api.opened(1);
    scene.api.resync(4);
    scene.api.tell(event({ seq: 5, type: 'kora.boot.ready' }));
    await live.says('#5');
    live.send('SIGINT');
    expect((await live.ended).stderr).toBe('-- the chain ends at #4, before #10: going on from there\n');
  });

  it('finds the runtime again where it has come up anew', async () => {
    scene = await openScene({ routes: newest });
    const other = await openScene({ routes: newest });
    const live = scene.live(['event', 'tail', '--follow']);
    await scene.api.opened(1);
    await announceRunning(scene.home, other.api.url);
    scene.api.cut();
    await other.api.opened(1);
    other.api.tell(event({ seq: 20 }));
    await live.says('#20');
    live.send('SIGINT');
    expect((await live.ended).exit).toBe(130);
    await other.close();
  });

  it('gives up with 69 when no runtime comes back', async () => {
    scene = await openScene({ routes: newest });
    let now = 0;
    const live = scene.live(['event', 'tail', '--follow', '--json'], { now: () => (now += 20_000) });
    await scene.api.opened(1);
    await announceRunning(scene.home, scene.api.url, 2 ** 22 + 1);
    scene.api.cut();
    const ran = await live.ended;
    expect(ran.exit).toBe(69);
    expect(JSON.parse(ran.lines().at(-1) ?? '')).toMatchObject({
      ok: false,
      error: { code: 'KORA_UNREACHABLE', hint: 'kora up' },
    });
  });

  it('ends quietly when its reader goes', async () => {
    scene = await openScene({ routes: newest });
    const live = scene.live(['event', 'tail', '--follow']);
    await scene.api.opened(1);
    live.hangUp();
    expect(await live.ended).toMatchObject({ exit: 0, stderr: '' });
  });
});

it('an event is named by its sequence', async () => {
  scene = await openScene();
  expect(await scene.run('event', 'show', 'newest')).toMatchObject({
    exit: 64,
    stderr: expect.stringContaining('"newest"'),
  });
});
