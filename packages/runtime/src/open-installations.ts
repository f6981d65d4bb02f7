import { loadConfiguration, replaceBlock } from './config/index.ts';
import type { Ground } from './ground.ts';
import { findHostProject } from './home/index.ts';
import { Approvals, indexPlugins, Installations } from './plugin/index.ts';
import type { Installed, PluginHost, PluginIndex, PluginSettings } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

/** What is installed now, by the host's word as given. */
export function indexOf({ options, build, home }: Ground, settings: PluginSettings): Promise<PluginIndex> {
  return indexPlugins({
    startDir: options.cwd,
    bundled: options.bundled.map((packageDir) => ({ packageDir })),
    runtimeVersion: build,
    settings,
    home: home.directory,
  });
}

/** What the operator agreed to in this workspace. */
export function openApprovals({ database, workspace, chain }: Rooms): Promise<Approvals> {
  return Approvals.open({
    database,
    workspaceId: workspace.workspaceId,
    operator: operatorActor,
    stage: (tx, drafts) => chain.stage(tx, drafts),
  });
}

/** What keeps a plugin host in step with its host project from now on. */
export function openInstallations(
  ground: Ground,
  { host, approvals }: { readonly host: PluginHost; readonly approvals: Approvals },
): Installations {
  const { clock, log, onError, configuration } = ground;
  const first = { index: host.index, settings: configuration.config.plugins };
  return new Installations({ host, approvals, first, read: () => readAgain(ground), clock, log, onError });
}

/** Configuration and packages as they are now; a plugin that starts from now on is given its block as it is now. */
async function readAgain(ground: Ground): Promise<Installed> {
  const { options, configuration } = ground;
  const hostProject = findHostProject(options.cwd)?.directory;
  const { config } = await loadConfiguration({
    home: options.home,
    cwd: options.cwd,
    env: options.env,
    flags: {},
    ...(options.configFile === undefined ? {} : { file: options.configFile }),
    ...(hostProject === undefined ? {} : { hostProject }),
  });
  const settings = config.plugins;
  const index = await indexOf(ground, settings);
  const before = configuration.config.plugins.config;
  for (const id of new Set([...Object.keys(before), ...Object.keys(settings.config)]))
    replaceBlock(configuration, id, settings.config[id]);
  return { index, settings };
}
