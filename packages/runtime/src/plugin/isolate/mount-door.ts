import { realpath } from 'node:fs/promises';
import { fault } from '../../fault/index.ts';
import type { MountRequest, MountResponse, PluginContext, Registration } from '../contract.ts';
import { contains } from '../locate.ts';
import { parsed } from './arrivals.ts';
import { mountAnswer, mountArrival } from './mount-arrivals.ts';
import type { Remote } from './remote.ts';

/** Registers a guest's mount: its files are served from its package alone, and its `handle` is called over there. */
export async function registerMount(
  context: PluginContext<unknown>,
  remote: Remote,
  packageFolder: string | undefined,
  params: unknown,
): Promise<{ readonly handle: number; readonly registration: Registration }> {
  const { handle, handles, directory, ...mount } = parsed(mountArrival, params);
  const folder = directory === undefined ? undefined : await insideFolder(packageFolder, directory);
  const registration = await context.registerHttpMount({
    ...mount,
    ...(folder === undefined ? {} : { directory: folder }),
    ...(handles && { handle: (request: MountRequest) => ask(remote, handle, request) }),
  });
  return { handle, registration };
}

async function ask(remote: Remote, handle: number, request: MountRequest): Promise<MountResponse> {
  const { body, signal, ...words } = request;
  const args = { ...words, body: Buffer.from(body).toString('base64') };
  const answer = await remote.call({ handle, member: 'handle', args, answer: mountAnswer, signal });
  return { ...answer, body: Buffer.from(answer.body, 'base64') };
}

/** The runtime would read the files for it, with the runtime's rights: so only what the package brought. */
async function insideFolder(packageFolder: string | undefined, directory: string): Promise<string> {
  const real = await realpath(directory).catch(() => undefined);
  if (real !== undefined && packageFolder !== undefined && contains(packageFolder, real)) return real;
  throw fault('KORA_PLUGIN_REFUSED', `directory: ${directory} does not lie in the plugin's package`, {
    fix: 'serve files of the package, or answer with handle',
  });
}
