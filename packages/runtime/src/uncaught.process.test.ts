import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const here = new URL('.', import.meta.url);

/** What a process of its own says that watches its uncaught errors and then does this. */
async function inProcess(
  deed: string,
): Promise<{ readonly stdout: string; readonly code: number; readonly stderr: string }> {
  const script = `
    import { systemClock } from '${new URL('clock/index.ts', here).href}';
    import { withinDaemon } from '${new URL('daemon/run.ts', here).href}';
    import { attributed } from '${new URL('plugin/attribution.ts', here).href}';
    import { Scope } from '${new URL('scope/index.ts', here).href}';
    import { culpritOf, watchUncaught } from '${new URL('uncaught.ts', here).href}';
    const quiet = { info() {}, warn() {}, error() {} };
    watchUncaught({
      clock: systemClock(), scope: new Scope('runtime'), log: quiet,
      whose: (error) => culpritOf(error, []),
      died: (daemon, error) => console.log('died', daemon, error.message),
      erred: (plugin) => console.log('erred', plugin),
      record: async () => {},
    });
    const asDaemon = (work) => attributed('tide', () => withinDaemon('ticker', work));
    ${deed}
    setTimeout(() => { console.log('the house goes on'); process.exit(0); }, 60);`;
  const args = ['--conditions=@kora/source', '--input-type=module', '--eval', script];
  try {
    const { stdout, stderr } = await run(process.execPath, args, {
      cwd: fileURLToPath(here),
      timeout: 20_000,
    });
    return { stdout, stderr, code: 0 };
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
    return { stdout, stderr, code };
  }
}

test('errors in the timers, promises and emitters of a daemon are its own, and the process lives', async () => {
  const { stdout, code } = await inProcess(`
    const { EventEmitter } = await import('node:events');
    asDaemon(() => {
      setTimeout(() => { throw new Error('timer'); }, 1);
      setImmediate(() => { throw new Error('immediate'); });
      Promise.reject(new Error('rejection'));
      setTimeout(() => new EventEmitter().emit('error', new Error('emitter')), 1);
      (async () => { await new Promise((wake) => setTimeout(wake, 5)); throw new Error('async'); })();
    });`);
  const deaths = stdout.split('\n').filter((line) => line.startsWith('died'));
  expect(deaths.sort()).toEqual([
    'died ticker async',
    'died ticker emitter',
    'died ticker immediate',
    'died ticker rejection',
    'died ticker timer',
  ]);
  expect(stdout).toContain('the house goes on');
  expect(code).toBe(0);
});

test('an error that is nobody’s ends the process with its stack, as it would without us', async () => {
  const { stdout, stderr, code } = await inProcess(`setTimeout(() => { throw new Error('ours'); }, 1);`);
  expect(stderr).toContain('Error: ours');
  expect(stdout).not.toContain('goes on');
  expect(code).toBe(1);
});
