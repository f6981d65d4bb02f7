import type { Finding } from '@kora/runtime/client';
import { readConfiguration } from '../configuration.ts';
import { problemOf } from '../fault.ts';
import { indexedPlugins } from '../plugin-index.ts';
import { finding } from './check.ts';
import type { Check } from './check.ts';

/** The host project, which copy of the runtime it would start, and what keeps each plugin from loading. */
export const checkProject: Check = async (context) => {
  const { host } = context;
  const { module, origin, version } = await host.runtime.composing(host.cwd);
  try {
    const index = await indexedPlugins(context);
    const whose = origin === 'host' ? 'the copy of the host project' : 'the copy that comes with the command';
    const project =
      index.host === undefined
        ? finding('info', 'project/none', 'no host project around this folder; none is fine')
        : finding('info', 'project/found', 'host project', { path: index.host.packageJson });
    return [
      project,
      finding('info', 'project/runtime', `@kora/runtime ${version}, ${whose}`),
      ...index.missing.map((name) =>
        finding('error', 'project/not-installed', `the dependency ${name} is not installed`, {
          hint: 'pnpm install',
        }),
      ),
      ...index.rows.flatMap(({ id, directory, state, reason }) =>
        reason === null ? [] : [pluginFinding(id, { directory, state, reason })],
      ),
      ...pluginCount(index.rows.filter(({ reason }) => reason === null).map(({ id }) => id)),
    ];
  } catch (error) {
    const { message, hint } = problemOf(error, module.faultTable);
    return [finding('error', 'project/unreadable', message, hint === undefined ? {} : { hint })];
  }
};

/** The configuration, read as `kora up` would read it. */
export const checkConfiguration: Check = async (context) => {
  try {
    const { file } = await readConfiguration(context);
    return file === null
      ? [finding('info', 'config/none', 'no configuration file; the defaults hold')]
      : [finding('info', 'config/valid', 'the configuration is valid', { path: file })];
  } catch (error) {
    const { message, hint } = problemOf(error, (await context.host.runtime.basics()).faultTable);
    return [finding('error', 'config/invalid', message, hint === undefined ? {} : { hint })];
  }
};

interface Refused {
  readonly directory: string;
  readonly state: string;
  readonly reason: { readonly code: string; readonly message: string; readonly fix?: string | undefined };
}

/** What the operator denied is as it should be; what does not fit is not. */
function pluginFinding(id: string, { directory, state, reason }: Refused): Finding {
  const hint = reason.fix === undefined ? {} : { hint: reason.fix };
  const severity = state === 'denied' ? 'info' : 'warning';
  return finding(severity, `plugin/${reason.code.replaceAll('_', '-')}`, `${id}: ${reason.message}`, {
    path: directory,
    ...hint,
  });
}

function pluginCount(ids: readonly string[]): Finding[] {
  return ids.length === 0
    ? []
    : [finding('info', 'plugin/indexed', `${ids.length} plugins: ${ids.join(', ')}`)];
}
