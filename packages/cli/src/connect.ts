import type { KoraClient } from '@kora/runtime/client';
import type { Context, Globals } from './context.ts';
import type { Host } from './host.ts';
import type { Input } from './input.ts';
import type { Console } from './output/console.ts';
import type { RunningRuntime } from './runtime.ts';

export interface ContextParts {
  readonly host: Host;
  readonly globals: Globals;
  readonly input: Input;
  readonly out: Console;
}

/** Gives a command its way to the running runtime; nothing is read before it is asked for. */
export function createContext(parts: ContextParts): Context {
  const { host, globals } = parts;
  const home = async (): Promise<string> => {
    const { resolveHome } = await host.runtime.basics();
    return resolveHome({
      ...(globals.home === undefined ? {} : { flag: globals.home }),
      env: host.env,
      cwd: host.cwd,
    });
  };
  const running = async (): Promise<RunningRuntime> => {
    const found = await findRunning(host, await home());
    if (found === undefined) throw await unreachable(host, await home(), globals);
    return found;
  };
  const client = async (timeoutMs?: number): Promise<KoraClient> => {
    const { url, token } = await running();
    const [{ createKoraClient }, { speaking }] = await Promise.all([
      import('@kora/runtime/client'),
      import('./speaking.ts'),
    ]);
    const fetch = speaking(host.fetch, { url, home: await home(), start: startCommand(globals) });
    const made = createKoraClient({ url, token, fetch, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    await refuseForeignWorkspace(made, globals.workspace);
    return made;
  };
  return { ...parts, home, running, client };
}

/** The runtime of this home, or undefined. */
export async function findRunning(host: Host, home: string): Promise<RunningRuntime | undefined> {
  return await (await host.runtime.basics()).readRunningRuntime(home);
}

/** How this runtime would be started, as the operator would type it. */
export function startCommand(globals: Pick<Globals, 'home'>): string {
  return globals.home === undefined ? 'kora up' : `kora up --home ${globals.home}`;
}

async function unreachable(host: Host, home: string, globals: Globals): Promise<Error> {
  const { refusal } = await import('./fault.ts');
  const holder = await (await host.runtime.basics()).lockHolder(home);
  if (holder === undefined) {
    return refusal('KORA_UNREACHABLE', `no runtime is running for ${home}`, startCommand(globals));
  }
  const message = `the runtime of ${home} (pid ${holder.pid}) does not answer: it is still starting, or stopping`;
  return refusal('KORA_UNREACHABLE', message, 'try again in a moment');
}

async function refuseForeignWorkspace(client: KoraClient, wanted: string | undefined): Promise<void> {
  if (wanted === undefined) return;
  const { workspace } = await client.status();
  if (workspace === wanted) return;
  const { usage } = await import('./fault.ts');
  throw usage(`this runtime serves the workspace ${workspace}, not ${wanted}`, `--workspace ${workspace}`);
}
