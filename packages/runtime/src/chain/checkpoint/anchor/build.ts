import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { AnchorConfiguration } from '../../../config/index.ts';
import { commandAnchor } from './command.ts';
import type { CommandAnchor } from './command.ts';
import type { Anchor } from './contract.ts';
import { gitAnchor } from './git.ts';
import { outsideEnvironment } from './process.ts';
import { workspaceAnchor } from './workspace.ts';
import type { WorkspaceAnchor } from './workspace.ts';

export interface BuildAnchors extends Pick<WorkspaceAnchor, 'database' | 'workspace' | 'stage'> {
  readonly parse: CommandAnchor['parse'];
  /** Where the home keeps clones. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The anchors that the configuration names. */
export function buildAnchors(wanted: readonly AnchorConfiguration[], options: BuildAnchors): Anchor[] {
  const env = outsideEnvironment(options.env);
  return wanted.map((config) => {
    const shared = { name: nameOf(config), timeoutMs: config.timeoutSeconds * 1_000, parse: options.parse };
    if (config.kind === 'command')
      return commandAnchor({ ...shared, command: config.command, read: config.read, env });
    if (config.kind === 'workspace')
      return workspaceAnchor({ ...options, ...shared, other: config.workspace });
    return gitAnchor({
      ...shared,
      remote: config.remote,
      branch: config.branch,
      file: `${config.directory}/${options.workspace}.log`,
      clone: join(options.directory, shared.name),
      env,
    });
  });
}

/** A name that stays as long as the anchor is the same place, and says nothing of what is secret in it. */
function nameOf({ name, timeoutSeconds: _patience, ...place }: AnchorConfiguration): string {
  return name ?? `${place.kind}-${hash('sha256', JSON.stringify(place)).slice(0, 8)}`;
}
