import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionScript, shells } from './completion.ts';
import { commandTable } from './table/index.ts';
import { openScene } from './testing/scene.ts';
import type { Scene } from './testing/scene.ts';

let scene: Scene;
beforeAll(async () => void (scene = await openScene({ running: false })));
afterAll(async () => await scene.close());

/** What bash offers when Tab is pressed at the end of the line. */
async function offered(line: string): Promise<string[]> {
  const words = line.split(' ').map((word) => `'${word}'`);
  const script = `${completionScript('bash')}\nCOMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _kora; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script]);
  return stdout.split('\n').filter((word) => word !== '');
}

describe('in bash', () => {
  it.each([
    ['kora tic', ['ticket']],
    [
      'kora ticket ',
      [
        'add',
        'list',
        'show',
        'cancel',
        'retry',
        'unblock',
        'release',
        'reprioritise',
        'reassign',
        'note',
        'import',
      ],
    ],
    ['kora --home /x ticket s', ['show']],
    ['kora ticket add --pri', ['--priority']],
    ['kora ticket add --priority ', ['frontier', 'high', 'normal', 'low']],
    ['kora ticket add --priority high --cr', ['--critical']],
    ['kora completion ', ['bash', 'zsh', 'fish']],
    ['kora event tail --f', ['--follow']],
    ['kora status now', []],
    ['kora ticket add --title ', []],
  ])('%j offers %j', async (line, words) => expect(await offered(line)).toEqual(words));
});

it.each(shells)('the %s script knows every command and flag of the table', (shell) => {
  const script = completionScript(shell);
  for (const { name, options = [] } of commandTable) {
    for (const word of name.split(' ')) expect(script).toContain(word);
    for (const [flags] of options) expect(script).toContain(flags.split(' ')[0]?.slice(2));
  }
});

it('the command prints the script alone, and refuses a shell it does not know', async () => {
  expect(await scene.run('completion', 'fish')).toMatchObject({
    exit: 0,
    stdout: `${completionScript('fish')}\n`,
    stderr: '',
  });
  expect(await scene.run('completion', 'tcsh')).toMatchObject({
    exit: 64,
    stderr: expect.stringContaining('one of bash, zsh, fish'),
  });
});
