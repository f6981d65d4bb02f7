import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { statusSchema } from '@kora/runtime/client';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { root } from '../scripts/pack.ts';
import { House } from './harness/house.ts';
import type { Up } from './harness/house.ts';
import { kill } from './harness/processes.ts';

const bySentinel = z.object({
  via: z.literal('sentinel'),
  level: z.number(),
  pid: z.number(),
  seen: z.boolean(),
  killed: z.number().nullable(),
});

describe('a runtime that answers nothing is stopped all the same, and the next start keeps to it (defect 19)', () => {
  const house = new House();
  afterAll(() => house[Symbol.asyncDispose]());
  const sentinel = join(house.home, 'STOP');
  const hang = join(house.box, 'hang');
  let up: Up;

  const stop = async () =>
    (await house.read(bySentinel, 'stop', '--level', 'L4', '--reason', 'it does the wrong thing', '--yes'))
      .data;

  /** The kill is over and stays in force as a stop: up, paused, and free once the operator says so. */
  async function comesUpStopped(): Promise<void> {
    up = await house.up();
    expect(up.ready.primaryState).toBe('paused');
    const { data: stopped } = await house.read(statusSchema, 'status');
    expect(stopped).toMatchObject({ primaryState: 'paused', claimPermission: 'none', stopLevel: 4 });
    expect(await house.kora('resume', '--reason', 'it is well again')).toMatchObject({ code: 0 });
    expect(existsSync(sentinel)).toBe(false);
    expect((await house.read(statusSchema, 'status')).data).toMatchObject({
      stopLevel: 0,
      claimPermission: 'normal',
    });
  }

  it('one that is frozen whole is ended by the command itself', async () => {
    install(house, hang);
    up = await house.up();
    up.child.signal('SIGSTOP');
    const { pid } = up.ready;
    expect(await stop()).toMatchObject({ level: 4, pid, seen: false, killed: pid });
    expect(await up.child.ended).toMatchObject({ signal: 'SIGKILL' });
  });

  it('one whose event loop hangs is ended by its keeper, with 80', async () => {
    await comesUpStopped();
    writeFileSync(hang, '');
    expect(await stop()).toMatchObject({ level: 4, pid: up.ready.pid, seen: true, killed: null });
    const ended = await up.child.ended;
    expect(ended).toMatchObject({ code: 80 });
    expect(ended.stderr).toContain('kora: level 4: this process did not end by itself in time');
  });

  it('one whose store is gone ends with 80 as well', async () => {
    writeFileSync(hang, 'no more');
    await comesUpStopped();
    for (const { pid } of house.databaseProcesses()) kill(pid, 'SIGSTOP');
    expect(await stop()).toMatchObject({ level: 4, pid: up.ready.pid, seen: true, killed: null });
    expect(await up.child.ended).toMatchObject({ code: 80 });
  });
});

/** A trusted plugin in the runtime's own process that never yields again once the file is there and empty. */
function install(house: House, hang: string): void {
  const code = `import { existsSync, statSync } from 'node:fs';
import { definePlugin } from '@kora/runtime/plugin';
const file = ${JSON.stringify(hang)};
const look = () => {
  while (existsSync(file) && statSync(file).size === 0);
};
export default definePlugin({
  id: 'hanging',
  register: (context) => {
    let timer;
    context.registerBackgroundDaemon({
      name: 'hanging',
      startup: async () => void (timer = setInterval(look, 50)),
      shutdown: async () => clearInterval(timer),
    });
  },
});
`;
  const name = 'kora-plugin-hanging';
  const kora = { id: 'hanging', api: 1, entry: './index.js', contributes: { daemons: ['hanging'] } };
  const peerDependencies = { '@kora/runtime': '>=0.1.0 <1' };
  house.file(`node_modules/${name}/package.json`, {
    name,
    version: '1.0.0',
    type: 'module',
    kora,
    peerDependencies,
  });
  house.file(`node_modules/${name}/index.js`, code);
  house.file('package.json', { private: true, dependencies: { [name]: '1.0.0' } });
  house.file('kora.json', { plugins: { trusted: ['hanging'] } });
  const scope = join(house.box, 'node_modules', '@kora');
  mkdirSync(scope);
  symlinkSync(join(root, 'packages', 'runtime'), join(scope, 'runtime'));
}
