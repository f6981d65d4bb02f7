import { resolve } from 'node:path';
import type { Context } from './context.ts';
import type { LoadedConfiguration, RuntimeModule } from './runtime.ts';

/** The configuration as `kora up` would read it here; throws what is wrong with it. */
export async function readConfiguration(context: Context): Promise<LoadedConfiguration> {
  const { module } = await context.host.runtime.composing(context.host.cwd);
  return await module.loadConfiguration(await whereToRead(context));
}

/** The same for whoever is about to change it: what is wrong with it is no reason not to mend it. */
export async function readConfigurationToChange(context: Context): Promise<LoadedConfiguration> {
  const { module } = await context.host.runtime.composing(context.host.cwd);
  return await module.loadToChange(await whereToRead(context));
}

async function whereToRead(context: Context): Promise<Parameters<RuntimeModule['loadConfiguration']>[0]> {
  const { host, input, globals } = context;
  const { module } = await host.runtime.composing(host.cwd);
  const given = input.text('config');
  const project = module.findHostProject(host.cwd);
  return {
    home: await context.home(),
    cwd: host.cwd,
    env: host.env,
    flags: globals.workspace === undefined ? {} : { workspace: globals.workspace },
    ...(given === undefined ? {} : { file: resolve(host.cwd, given) }),
    ...(project === undefined ? {} : { hostProject: project.directory }),
  };
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
