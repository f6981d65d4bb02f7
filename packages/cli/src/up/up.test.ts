import { afterEach, describe, expect, it } from 'vitest';
import { refusal } from '../fault.ts';
import type { Ready, Running, RuntimeModule, StartOptions } from '../runtime.ts';
import { noon } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const ready: Ready = {
  url: 'http://127.0.0.1:9119',
  cockpitUrl: 'http://127.0.0.1:9119/pair#code=abc',
  pid: 123,
  bootMs: 412,
  primaryState: 'ready',
};

/** A runtime that does as it is told, and remembers. */
interface Played {
  readonly starter: RuntimeModule['createKora'];
  readonly given: StartOptions[];
  readonly stops: string[];
  end(exitCode: number, reason: string): void;
}

function played(over: { readonly ready?: Ready; readonly stop?: () => Promise<void> } = {}): Played {
  const given: StartOptions[] = [];
  const stops: string[] = [];
  let close: (end: { exitCode: number; reason: string }) => void = () => undefined;
  const closed = new Promise<{ exitCode: number; reason: string }>((resolve) => (close = resolve));
  const running: Running = {
    ready: over.ready ?? ready,
    closed,
    stop: async (reason) => {
      stops.push(reason);
      await over.stop?.();
      close({ exitCode: 0, reason });
    },
  };
  return {
    given,
    stops,
    starter: async (options) => (given.push(options), await Promise.resolve(running)),
    end: (exitCode, reason) => close({ exitCode, reason }),
  };
}

let scene: Scene;
afterEach(async () => await scene.close());

describe('kora up', () => {
  it('prints the ready line and the cockpit on stdout, and ends with the runtime’s exit code', async () => {
    const runtime = played();
    scene = await openScene({ running: false, starter: runtime.starter });
    const live = scene.live(['up']);
    await live.says('cockpit');
    runtime.end(80, 'stopped by L4');
    expect(await live.ended).toMatchObject({
      exit: 80,
      stdout:
        'ready  http://127.0.0.1:9119  pid 123  boot 412 ms  state ready\ncockpit  http://127.0.0.1:9119/pair#code=abc\n',
      stderr: 'stopped  stopped by L4\n',
    });
  });

  it('prints NDJSON with --json', async () => {
    const runtime = played();
    scene = await openScene({ running: false, starter: runtime.starter });
    const live = scene.live(['up', '--json']);
    await live.says('"ready"');
    runtime.end(0, 'kora down');
    expect((await live.ended).lines().map((line) => JSON.parse(line) as unknown)).toEqual([
      { event: 'ready', ...ready },
      { event: 'stopped', pid: 123, exitCode: 0, reason: 'kora down' },
    ]);
  });

  it('hands over home, folder, plugins, database and flags', async () => {
    const runtime = played({ ready: { ...ready, cockpitUrl: null } });
    scene = await openScene({ running: false, starter: runtime.starter });
    const live = scene.live([
      'up',
      '--config',
      'my.json',
      '--port',
      '0',
      '--workspace',
      'staging',
      '--adopt',
    ]);
    await live.says('ready');
    runtime.end(0, 'done');
    expect((await live.ended).stdout).not.toContain('cockpit');
    const [options] = runtime.given;
    expect(options).toMatchObject({
      home: scene.home,
      cwd: scene.folder,
      port: 0,
      workspace: 'staging',
      adopt: true,
    });
    expect(options?.configFile).toBe(`${scene.folder}/my.json`);
    expect(options?.openEmbeddedPostgres).toBeTypeOf('function');
    const names = options?.bundled.map((folder) => folder.split('/').at(-1));
    expect(names).toEqual([
      'plugin-email',
      'plugin-mcp',
      'plugin-probes',
      'plugin-reasoning',
      'plugin-slack',
      'plugin-webhooks',
      'cockpit',
      'promote-loops',
    ]);
  });

  it('tells progress, state and messages on stderr, without control characters', async () => {
    const runtime = played();
    const starter: RuntimeModule['createKora'] = async (options) => {
      options.onProgress?.('store: starting \u001b[31mPostgreSQL');
      options.onMessage?.({
        severity: 'critical',
        title: 'checkout is unreachable',
        body: 'since noon\nECONNREFUSED',
        createdAt: noon,
      });
      options.onState?.({ from: 'booting', primaryState: 'ready', trigger: 'all gates pass', note: null });
      options.onState?.({ from: 'ready', primaryState: 'active', trigger: 'claim acquired', note: null });
      return await runtime.starter(options);
    };
    scene = await openScene({ running: false, starter });
    const live = scene.live(['up']);
    await live.says('ready  http');
    runtime.end(0, 'done');
    const { stdout, stderr } = await live.ended;
    expect(stderr).toMatch(
      /^ {2}store: starting {2}\[31mPostgreSQL\n\d\d:\d\d:\d\d {2}critical {2}checkout is unreachable\n {10}since noon\n {10}ECONNREFUSED\n\d\d:\d\d:\d\d {2}state {5}booting -> ready {2}all gates pass\nstopped/,
    );
    expect(stdout.split('\n')).toHaveLength(3);
  });

  it('says what failed with its code, file and step, and exits as the table says', async () => {
    const starter: RuntimeModule['createKora'] = async () =>
      await Promise.reject(
        refusal('KORA_HOME_LOCKED', 'the home /h is held by a running Kora, pid 77', 'kora down --home /h'),
      );
    scene = await openScene({ running: false, starter });
    expect(await scene.run('up')).toMatchObject({
      exit: 73,
      stdout: '',
      stderr:
        'kora: the home /h is held by a running Kora, pid 77 (KORA_HOME_LOCKED)\n fix: kora down --home /h\n',
    });
    expect((await scene.run('up', '--json')).document().error).toMatchObject({
      type: 'held',
      code: 'KORA_HOME_LOCKED',
    });
    expect(scene.announced()).toMatchObject([{ event: 'failed' }, { event: 'failed' }]);
  });

  it('refuses a port that is none', async () => {
    scene = await openScene({ running: false });
    expect(await scene.run('up', '--port', '70000')).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining('65535'),
    });
    expect((await scene.run('up', '--port', 'http')).exit).toBe(64);
  });
});

describe('signals', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'the first %s stops in order and says what is being stopped',
    async (name) => {
      const runtime = played();
      scene = await openScene({ running: false, starter: runtime.starter });
      const live = scene.live(['up']);
      await live.says('ready');
      live.send(name);
      const ran = await live.ended;
      expect(ran.exit).toBe(0);
      expect(runtime.stops).toEqual(['interrupted by the operator']);
      expect(runtime.given[0]?.signal?.aborted).toBe(false);
      expect(ran.stderr).toContain(`${name}: stopping`);
      expect(ran.stderr).toContain('stopping daemons, tickets and the store of pid 123');
      expect(scene.exits()).toEqual([]);
    },
  );

  it('Ctrl-C after that ends it hard with 130; an echo of the first does not', async () => {
    let drained: () => void = () => undefined;
    const runtime = played({ stop: async () => await new Promise<void>((resolve) => (drained = resolve)) });
    let now = 0;
    scene = await openScene({ running: false, starter: runtime.starter, host: { now: () => now } });
    const live = scene.live(['up']);
    await live.says('ready');
    live.send('SIGINT');
    await live.says('stopping daemons');
    now = 400;
    live.send('SIGINT');
    now = 3_500;
    live.send('SIGTERM');
    expect(scene.exits()).toEqual([]);
    live.send('SIGINT');
    expect(scene.exits()).toEqual([130]);
    expect(live.stderr()).toContain('Ctrl-C again: ending now, without waiting');
    drained();
    await live.ended;
  });

  it('one that comes during boot ends the boot, or the runtime as soon as it is up', async () => {
    const runtime = played();
    let boot: () => void = () => undefined;
    const booted = new Promise<void>((resolve) => (boot = resolve));
    const starter: RuntimeModule['createKora'] = async (options) => {
      options.onProgress?.('booting');
      await booted;
      return await runtime.starter(options);
    };
    scene = await openScene({ running: false, starter });
    const live = scene.live(['up']);
    await live.says('booting');
    live.send('SIGINT');
    await live.says('SIGINT: stopping');
    boot();
    expect((await live.ended).exit).toBe(0);
    expect(runtime.stops).toHaveLength(1);
    expect(runtime.given[0]?.signal?.aborted).toBe(true);
  });

  it('a boot that was broken off exits 130 without blame', async () => {
    const starter: RuntimeModule['createKora'] = async ({ signal, onProgress }) => {
      onProgress?.('booting');
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      throw refusal('KORA_BOOT_FAILED', 'aborted');
    };
    scene = await openScene({ running: false, starter });
    const live = scene.live(['up']);
    await live.says('booting');
    live.send('SIGTERM');
    const ran = await live.ended;
    expect(ran).toMatchObject({
      exit: 130,
      stdout: '',
      stderr: expect.stringContaining('stopped before it was ready'),
    });
    expect(ran.stderr).not.toContain('KORA_');
  });

  it('a closed stdout is no reason to stop', async () => {
    const runtime = played();
    scene = await openScene({ running: false, starter: runtime.starter });
    const live = scene.live(['up']);
    live.hangUp();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(runtime.stops).toEqual([]);
    runtime.end(0, 'done');
    expect((await live.ended).exit).toBe(0);
  });
});
