import type { Registration } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { ownerOf } from './owner.ts';

function registrations() {
  const standing: string[] = [];
  const log: string[] = [];
  const make = (name: string): Registration => {
    standing.push(name);
    return {
      dispose: () => {
        standing.splice(standing.indexOf(name), 1);
        log.push(`-${name}`);
        return Promise.resolve();
      },
    };
  };
  return { standing, log, make };
}

describe('a daemon that owns registrations', () => {
  it('takes them once, however often it is started', async () => {
    const { standing, make } = registrations();
    const owner = ownerOf('owner', async (keep) => keep(make('a')));
    await owner.startup();
    await owner.startup();
    expect(standing).toEqual(['a']);
  });

  it('gives them back in reverse, and takes them again after a restart', async () => {
    const { standing, log, make } = registrations();
    const owner = ownerOf('owner', async (keep) => ['a', 'b'].forEach((name) => keep(make(name))));
    await owner.startup();
    await owner.shutdown();
    await owner.shutdown();
    expect(log).toEqual(['-b', '-a']);
    await owner.startup();
    expect(standing).toEqual(['a', 'b']);
  });

  it('leaves nothing behind when it fails half way, and can try again', async () => {
    const { standing, make } = registrations();
    let broken = true;
    const owner = ownerOf('owner', async (keep) => {
      keep(make('a'));
      if (broken) throw new Error('name is taken');
      keep(make('b'));
    });
    await expect(owner.startup()).rejects.toThrow('name is taken');
    expect(standing).toEqual([]);
    broken = false;
    await owner.startup();
    expect(standing).toEqual(['a', 'b']);
  });
});
