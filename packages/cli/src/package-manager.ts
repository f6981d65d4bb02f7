import type { Context } from './context.ts';
import { refusal, usage } from './fault.ts';
import type { PluginIndex } from './runtime.ts';

type HostProject = NonNullable<PluginIndex['host']>;
type Verb = 'add' | 'remove';

const keptLines = 12;

/** What is typed for each, without the package. Nothing asks, funds or audits: that is not what was wanted. */
const typed: Readonly<Record<HostProject['manager'], Readonly<Record<Verb, readonly string[]>>>> = {
  // A host project has a pnpm-workspace.yaml of its own (allowBuilds), which makes it a workspace root.
  pnpm: {
    add: ['add', '--config.ignore-workspace-root-check=true'],
    remove: ['remove'],
  },
  npm: { add: ['install', '--no-audit', '--no-fund'], remove: ['uninstall', '--no-audit', '--no-fund'] },
  yarn: { add: ['add'], remove: ['remove'] },
};

/** The name in `@scope/name@^2`, `name@next` and the like. Undefined for a folder, an archive or a repository. */
export function packageNameOf(spec: string): string | undefined {
  return /^((?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*)(?:@[^/]*)?$/i.exec(spec)?.[1];
}

/**
 * Lets the host project's own package manager add or remove one package, showing what it prints beside the result. Throws
 * KORA_PLUGIN_INSTALL with its last lines.
 */
export async function changePackages(
  context: Context,
  project: HostProject,
  verb: Verb,
  spec: string,
): Promise<void> {
  if (spec.startsWith('-')) throw usage(`${JSON.stringify(spec)} is no package`, 'kora plugin add --help');
  const { host, out } = context;
  const { manager, directory } = project;
  const args = [...typed[manager][verb], spec];
  out.note(out.aside.dim(`${manager} ${args.join(' ')}  (in ${directory})`));
  const last: string[] = [];
  const onOutput = (text: string): void => {
    last.push(...text.split('\n').filter((line) => line.trim() !== ''));
    last.splice(0, Math.max(0, last.length - keptLines));
    if (!out.quiet) host.stderr.write(text);
  };
  const code = await host.runTool({ command: manager, args, cwd: directory, env: host.env, onOutput });
  if (code === 0) return;
  const how = code === null ? 'could not be started, or was ended' : `ended with ${code}`;
  const tail = out.quiet && last.length > 0 ? `\n${last.join('\n')}` : '';
  throw refusal(
    'KORA_PLUGIN_INSTALL',
    `${manager} ${how}${tail}`,
    `cd ${directory} && ${manager} ${args.join(' ')}`,
  );
}
