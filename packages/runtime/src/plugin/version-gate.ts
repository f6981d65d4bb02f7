import semver from 'semver';
import { pluginApi } from './contract.ts';
import type { Manifest, PackageFacts } from './manifest.ts';
import type { PluginReason } from './reason.ts';

const runtimeName = '@kora/runtime';

/** Why this runtime cannot carry the plugin, or undefined when it can. Decided on the manifest alone. */
export function versionGate(
  facts: PackageFacts,
  manifest: Manifest,
  runtimeVersion: string,
): PluginReason | undefined {
  return (
    apiGate(facts, manifest) ??
    minimumGate(facts, manifest, runtimeVersion) ??
    peerGate(facts, runtimeVersion)
  );
}

/** The contract's number is the truth; versions only say where to find it. */
function apiGate(facts: PackageFacts, manifest: Manifest): PluginReason | undefined {
  if (manifest.api === pluginApi) return undefined;
  return {
    code: 'api_mismatch',
    message: `${facts.name} ${facts.version} is written for plugin api ${manifest.api}; this runtime offers api ${pluginApi}`,
    fix: manifest.api > pluginApi ? `pnpm add ${runtimeName}@latest` : `kora plugin add ${facts.name}@latest`,
  };
}

function minimumGate(
  facts: PackageFacts,
  manifest: Manifest,
  runtimeVersion: string,
): PluginReason | undefined {
  const minimum = manifest.minRuntime;
  if (minimum === undefined || semver.gte(runtimeVersion, minimum)) return undefined;
  return {
    code: 'runtime_too_old',
    message: `${facts.name} ${facts.version} needs ${runtimeName} ${minimum} or newer; this is ${runtimeVersion}`,
    fix: `pnpm add ${runtimeName}@^${minimum}`,
  };
}

function peerGate(facts: PackageFacts, runtimeVersion: string): PluginReason | undefined {
  const range = facts.peerDependencies[runtimeName];
  // A plugin that imports nothing of the runtime need not name it; a workspace range is the workspace's own matter.
  if (range === undefined || range.startsWith('workspace:')) return undefined;
  // Prereleases of the runtime count as the version they lead to: an operator on one chose it.
  if (semver.satisfies(runtimeVersion, range, { includePrerelease: true })) return undefined;
  const readable = semver.validRange(range) !== null;
  return {
    code: 'peer_range',
    message: readable
      ? `${facts.name} ${facts.version} asks for ${runtimeName} ${range}; this is ${runtimeVersion}`
      : `${facts.name} ${facts.version} asks for ${runtimeName} "${range}", which is no version range`,
    fix: `kora plugin add ${facts.name}@latest`,
  };
}
