import { resolve } from 'node:path';
import type { Context } from './context.ts';
import type { LoadedConfiguration } from './runtime.ts';

/** The configuration as `kora up` would read it here; throws what is wrong with it. */
export async function readConfiguration(context: Context): Promise<LoadedConfiguration> {
  const { host, input, globals } = context;
  const { module } = await host.runtime.composing(host.cwd);
  const given = input.text('config');
  const project = module.findHostProject(host.cwd);
  return await module.loadConfiguration({
    home: await context.home(),
    cwd: host.cwd,
    env: host.env,
    flags: globals.workspace === undefined ? {} : { workspace: globals.workspace },
    ...(given === undefined ? {} : { file: resolve(host.cwd, given) }),
    ...(project === undefined ? {} : { hostProject: project.directory }),
  });
}

/** The same where a wrong configuration is somebody else's finding: undefined then. */
export async function readConfigurationIfValid(context: Context): Promise<LoadedConfiguration | undefined> {
  try {
    return await readConfiguration(context);
  } catch {
    // `kora config validate` and the doctor's own check say what is wrong.
    return undefined;
  }
}
