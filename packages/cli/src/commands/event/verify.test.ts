import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Lines, Route } from '../../testing/api-server.ts';
import { status } from '../../testing/rows.ts';
import { openScene } from '../../testing/scene.ts';
import type { Scene } from '../../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const hash = 'a'.repeat(64);
const head = { seq: 412, hash };
const completeness = { redacted: 0, prunedThrough: 0, checkpoints: 2, checkpointedThrough: 400 };
const sound = { ok: true, checked: 412, head, completeness, resumeFrom: head };

function routes(...lines: (readonly object[] | Lines)[]): Record<string, Route> {
  const answers = lines.map((one): Lines => ('lines' in one ? one : { lines: one }));
  return {
    'GET /api/status': () => status(),
    'GET /api/chain/verify/stream': () => answers.shift() ?? { lines: [{ result: sound }] },
  };
}

describe('event verify', () => {
  it('says how much proves, and apart from it what is complete and who vouches for it', async () => {
    scene = await openScene({ routes: routes() });
    const ran = await scene.run('event', 'verify', '--from', '5');
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('ok  412 events checked') });
    expect(ran.stdout).toMatch(/^complete +nothing is missing/m);
    expect(ran.stdout).toMatch(
      /^vouched for +up to #400, by 2 signed checkpoints; what came after by nobody/m,
    );
    expect(scene.api.asked.at(-1)?.query).toEqual({ from: '5' });
  });

  it('a finding is a result: exit 1, and the envelope stays ok', async () => {
    const bad = {
      ok: false,
      checked: 200,
      firstBadSeq: 201,
      problem: 'changed',
      detail: 'the body does not hash',
      head,
    };
    scene = await openScene({ routes: routes([{ result: bad }], [{ result: bad }]) });
    const ran = await scene.run('event', 'verify', '--json');
    expect(ran.exit).toBe(1);
    expect(ran.document()).toEqual({ schemaVersion: 1, ok: true, data: bad });
    expect((await scene.run('event', 'verify')).stdout).toMatch(
      /^changed at #201 {2}after 200 events checked\nthe body/,
    );
  });

  it('tells how far it is, with the events a second that it measured', async () => {
    const proven = [100, 200, 300].map((seq) => ({ proven: { seq, hash }, head }));
    scene = await openScene({ routes: routes([...proven, { result: sound }]) });
    let now = 0;
    const ran = await scene.live(['event', 'verify'], { now: () => (now += 1_000) }).ended;
    expect(ran.stderr).toMatch(/^verified \d+ % {2}#\d+ of #412 {2}\d+ events\/s$/m);
  });

  it('goes on where the last pass of this home was, and only when asked', async () => {
    scene = await openScene({ routes: routes() });
    await scene.run('event', 'verify');
    await scene.run('event', 'verify');
    expect(scene.api.asked.at(-1)?.query).toEqual({});
    const ran = await scene.run('event', 'verify', '--resume');
    expect(ran.stderr).toContain('going on behind #412');
    expect(scene.api.asked.at(-1)?.query).toEqual({ afterSeq: '412', afterHash: hash });
  });

  it('a pass that began in the middle, or found damage, is none to go on from', async () => {
    scene = await openScene({ routes: routes([{ result: sound }], [{ result: { ...sound, ok: false } }]) });
    await scene.run('event', 'verify', '--from', '5');
    await scene.run('event', 'verify');
    await expect(readFile(join(scene.home, 'verified.json'))).rejects.toThrow('ENOENT');
  });

  it('an answer that breaks off is no proof', async () => {
    scene = await openScene({ routes: routes({ lines: [{ proven: head, head }], cut: true }) });
    const ran = await scene.run('event', 'verify', '--json');
    expect(ran.exit).toBe(69);
    expect(ran.document().error).toMatchObject({ code: 'KORA_UNREACHABLE' });
  });

  it.each([
    ['--file', 'x', '--resume'],
    ['--key', 'k'],
    ['--resume', '--from', '3'],
  ])('%s %s %s is refused', async (...flags) => {
    scene = await openScene({ routes: routes() });
    expect((await scene.run('event', 'verify', ...flags.filter(Boolean))).exit).toBe(64);
  });
});
