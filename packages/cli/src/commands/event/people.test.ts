import { afterEach, describe, expect, it } from 'vitest';
import type { ParkedRow } from '@kora/runtime/client';
import type { Route } from '../../testing/api-server.ts';
import { checkpoints, eventDetail, parked } from '../../testing/rows.ts';
import { openScene } from '../../testing/scene.ts';
import type { Scene } from '../../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

/** What is parked, each time it is looked at; the last answer stays. */
function parkedRoute(...looks: ParkedRow[][]): Route {
  return () => (looks.length > 1 ? looks.shift() : looks[0]);
}

describe('event replay', () => {
  const replay = (...looks: ParkedRow[][]): Record<string, Route> => ({
    'GET /api/chain/parked': parkedRoute(...looks),
    'POST /api/chain/consumers/probe_wake/replay': () => ({ requested: 1 }),
  });

  it('asks with the reason and says that the consumer took it', async () => {
    const asked = parked({ replayRequestedAt: '2026-11-21T11:59:59.000Z' });
    scene = await openScene({ routes: replay([parked()], [asked], []) });
    const ran = await scene.run('event', 'replay', 'probe_wake', '#412', '--reason', 'mended');
    expect(ran).toMatchObject({ exit: 0, stdout: 'taken  1 of 1\n' });
    const sent = scene.api.asked.find(({ method }) => method === 'POST');
    expect(sent?.body).toEqual({ reason: 'mended', seq: 412 });
  });

  it('one that is parked again is a finding, with its error', async () => {
    scene = await openScene({ routes: replay([parked()], [parked({ error: 'still away' })]) });
    const ran = await scene.run('event', 'replay', 'probe_wake', '--all', '--reason', 'again', '--json');
    expect(ran.exit).toBe(1);
    expect(ran.document().data).toMatchObject({ taken: 0, waiting: 0, parked: [{ error: 'still away' }] });
  });

  it('says so when nobody comes to it', async () => {
    const asked = parked({ replayRequestedAt: '2026-11-21T11:59:59.000Z' });
    scene = await openScene({ routes: replay([parked()], [asked]) });
    let now = 0;
    const line = ['event', 'replay', 'probe_wake', '412', '--reason', 'mended'];
    const ran = await scene.live(line, { now: () => (now += 1_000) }).ended;
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('waiting  1') });
  });

  it.each([[[]], [['412', '--all']]])('which of them must be said, once: %j', async (which) => {
    scene = await openScene({ routes: replay([]) });
    const ran = await scene.run('event', 'replay', 'probe_wake', ...which, '--reason', 'r');
    expect(ran).toMatchObject({ exit: 64, stderr: expect.stringContaining('kora event parked probe_wake') });
  });
});

describe('event redact', () => {
  const routes: Record<string, Route> = {
    'GET /api/chain-events/412': () => eventDetail(),
    'POST /api/chain-events/412/redact': () => ({ accepted: true, eventSeq: null }),
  };
  const line = ['event', 'redact', '412', '--reason', 'a phone number'];
  const redactions = (): number => scene.api.asked.filter(({ method }) => method === 'POST').length;

  it('is not done without a word: not from a script, not on another answer', async () => {
    scene = await openScene({ routes });
    expect(await scene.run(...line)).toMatchObject({ exit: 64, stderr: expect.stringContaining('--yes') });
    const other = await scene.live(line, { ask: () => Promise.resolve('413') }).ended;
    expect(other).toMatchObject({ exit: 64, stderr: expect.stringContaining('nothing was done') });
    expect(redactions()).toBe(0);
  });

  it('is done with --yes, or with the sequence typed again', async () => {
    scene = await openScene({ routes });
    const questions: string[] = [];
    const ask = (question: string): Promise<string> => {
      questions.push(question);
      return Promise.resolve('412');
    };
    expect((await scene.live(line, { ask }).ended).exit).toBe(0);
    expect(questions).toEqual([expect.stringContaining('probe.wake_requested')]);
    expect((await scene.run(...line, '--yes')).exit).toBe(0);
    expect(redactions()).toBe(2);
  });
});

describe('event checkpoint', () => {
  it('shows the newest, whose key, and that nobody outside keeps it', async () => {
    scene = await openScene({ routes: { 'GET /api/chain/checkpoints': () => checkpoints() } });
    const { stdout, exit } = await scene.run('event', 'checkpoint');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^newest +400 events, 40 s ago, valid$/m);
    expect(stdout).toMatch(/^signed by +kora\/default\+9155ee5f\+a2V5$/m);
    expect(stdout).toContain('no anchor');
  });

  it.each([
    ['made', 0],
    ['current', 0],
    ['rewound', 1],
    ['no_key', 1],
  ])('--now that answers %s ends with %i', async (outcome, exit) => {
    scene = await openScene({
      routes: {
        'GET /api/chain/checkpoints': () => checkpoints(),
        'POST /api/chain/checkpoint': () => ({ outcome }),
      },
    });
    const ran = await scene.run('event', 'checkpoint', '--now', '--json');
    expect([ran.exit, ran.document().data]).toEqual([exit, expect.objectContaining({ outcome })]);
  });
});

it('event show --proof asks for the proof and shows path and checkpoint', async () => {
  const proof = {
    seq: 412,
    eventHash: 'bGVhZg==',
    path: ['b25l', 'dHdv'],
    note: 'kora/default\n412\nroot\n',
  };
  scene = await openScene({ routes: { 'GET /api/chain-events/412': () => eventDetail({ proof }) } });
  const { stdout } = await scene.run('event', 'show', '412', '--proof');
  expect(scene.api.asked.at(-1)?.query).toEqual({ proof: '1' });
  for (const words of [
    /^leaf +bGVhZg==$/m,
    /^path +b25l$/m,
    /^ +dHdv$/m,
    /^kora\/default$/m,
    /^public +probe$/m,
  ])
    expect(stdout).toMatch(words);
});
