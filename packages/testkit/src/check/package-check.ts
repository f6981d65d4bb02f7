import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest, versionGate } from '@kora/runtime/testkit';
import semver from 'semver';
import type { PackageFinding } from './contract.ts';
import { checkFiles } from './files.ts';
import { checkWords } from './words.ts';
import { packageText } from './package-text.ts';
import type { PackageJson } from './package-text.ts';

const runtimeName = '@kora/runtime';
/** What the runtime itself runs on. */
const leastNode = '22.18.0';
/** Scripts that a package manager runs on the machine of whoever installs. */
const installScripts = ['preinstall', 'install', 'postinstall'] as const;

/** Examines a plugin's package and runs none of its code. `runtimeVersion` is what its ranges are held against. */
export async function checkPackage(
  directory: string,
  runtimeVersion: string,
): Promise<readonly PackageFinding[]> {
  const found = await packageText(directory);
  if ('finding' in found) return [found.finding];
  const { json } = found;
  const reading = readManifest(json);
  if (reading.kind === 'ordinary') {
    const hint = 'add: "kora": { "id": "my-plugin", "api": 1, "entry": "./index.ts" }';
    return [
      error('manifest/absent', 'there is no kora block: to Kora this is a package like any other', hint),
    ];
  }
  if (reading.kind === 'malformed')
    return reading.problems.map(({ key, message }) => error('manifest/malformed', `${key} ${message}`));
  const { facts, manifest } = reading;
  const gate = versionGate(facts, manifest, runtimeVersion);
  return [
    ...(gate === undefined
      ? []
      : [error(`runtime/${gate.code.replaceAll('_', '-')}`, gate.message, gate.fix)]),
    ...checkPeer(json),
    ...checkFacts(json, directory),
    ...(await checkFiles(directory, json, manifest)),
    ...(await checkWords(directory, manifest)),
  ];
}

function checkPeer(json: PackageJson): PackageFinding[] {
  const found: PackageFinding[] = [];
  if (json.dependencies?.[runtimeName] !== undefined) {
    const hint = `move ${runtimeName} to peerDependencies`;
    found.push(
      error('peer/bundled', `${runtimeName} is a dependency: hosts would get a second copy of it`, hint),
    );
  }
  const range = json.peerDependencies?.[runtimeName];
  if (range === undefined) {
    const hint = `add: "peerDependencies": { "${runtimeName}": ">=0.1.0 <1" }`;
    found.push(warning('peer/absent', `nothing says which ${runtimeName} it is written for`, hint));
  } else if (!range.startsWith('workspace:') && semver.validRange(range) === null) {
    found.push(error('peer/unreadable', `peerDependencies: "${range}" is no version range`));
  } else if (/^[~^]0\./.test(range)) {
    const hint = `write ">=${range.slice(1)} <1"`;
    found.push(
      warning(
        'peer/narrow',
        `"${range}" ends with the next minor of the runtime; the contract does not`,
        hint,
      ),
    );
  }
  return found;
}

function checkFacts(json: PackageJson, directory: string): PackageFinding[] {
  const found: PackageFinding[] = [];
  if (!(json.keywords ?? []).includes('kora-plugin'))
    found.push(warning('manifest/keyword', 'keywords do not list "kora-plugin", by which plugins are found'));
  for (const script of installScripts) {
    if (json.scripts?.[script] === undefined) continue;
    const message = `the script ${script} runs on the machine of whoever installs it; package managers refuse that`;
    found.push(error('scripts/install', message, `do it when it is built, and remove scripts.${script}`));
  }
  if (existsSync(join(directory, 'binding.gyp')))
    found.push(error('scripts/addon', 'binding.gyp is compiled at installation, and guests load no addons'));
  const node = json.engines?.['node'];
  if (node === undefined)
    found.push(
      warning('engines/absent', 'nothing says which Node it needs', 'add: "engines": { "node": ">=22.18" }'),
    );
  else if (semver.validRange(node) === null)
    found.push(error('engines/unreadable', `engines.node: "${node}" is no version range`));
  else if (!semver.intersects(node, `>=${leastNode}`))
    found.push(error('engines/too-old', `engines.node "${node}" admits no Node on which the runtime runs`));
  if (json.license === undefined) found.push(warning('license/absent', 'no license: nobody may use it'));
  if (!['README.md', 'readme.md', 'README'].some((name) => existsSync(join(directory, name))))
    found.push({
      ...warning('readme/absent', 'there is no README.md: a registry shows a blank page'),
      path: 'README.md',
    });
  return found;
}

function error(id: string, message: string, hint: string | null = null): PackageFinding {
  return { id, severity: 'error', message, path: 'package.json', hint };
}

function warning(id: string, message: string, hint: string | null = null): PackageFinding {
  return { id, severity: 'warning', message, path: 'package.json', hint };
}

/** The version of the runtime that this plugin would be loaded by: its own copy's, or the one that comes with the kit. */
export async function versionOf(packageFile: string): Promise<string> {
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { readonly version: string };
  return version;
}
