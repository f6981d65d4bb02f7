import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { join, normalize, relative } from 'node:path';
import type { Manifest } from '@kora/runtime/testkit';
import type { PackageFinding } from './contract.ts';
import type { PackageJson } from './package-text.ts';

/** Whether the files that the manifest names are there, are packed, and can be loaded where they are installed. */
export async function checkFiles(
  directory: string,
  json: PackageJson,
  manifest: Manifest,
): Promise<readonly PackageFinding[]> {
  const { entry, configSchema } = manifest;
  const found = [...(await checkEntry(directory, json, entry)), ...checkExports(json, entry)];
  if (configSchema !== undefined) found.push(...(await checkSchema(directory, json, configSchema)));
  if (json.files === undefined && json.private !== true) {
    const hint = 'add: "files": ["dist"]';
    found.push(
      finding('files/all', 'warning', 'without "files" everything in the folder is published', hint),
    );
  }
  return found;
}

async function checkEntry(directory: string, json: PackageJson, entry: string): Promise<PackageFinding[]> {
  const file = join(directory, entry);
  if (!existsSync(file))
    return [finding('entry/missing', 'error', `kora.entry ${entry} does not exist`, 'build the package')];
  if (relative(await realpath(directory), await realpath(file)).startsWith('..'))
    return [finding('entry/outside', 'error', `kora.entry ${entry} leads out of the package`)];
  const found: PackageFinding[] = [];
  if (/\.[cm]?tsx?$/.test(entry) && json.private !== true) {
    const message = `Node runs ${entry} in a project, and refuses TypeScript under node_modules, where it is installed`;
    found.push(
      finding('entry/typescript', 'error', message, 'build to ./dist/index.js, or mark the package private'),
    );
  }
  if (entry.endsWith('.js') && json.type !== 'module')
    found.push(
      finding('entry/module', 'warning', `${entry} is read as CommonJS first`, 'add: "type": "module"'),
    );
  if (!isPacked(json, entry))
    found.push(finding('files/entry', 'error', `"files" leaves out kora.entry ${entry}`));
  return found;
}

/** Whoever imports the package by its name should meet what the runtime loads. */
function checkExports({ exports }: PackageJson, entry: string): PackageFinding[] {
  if (exports === undefined) return [];
  const targets = JSON.stringify(exports);
  if (targets.includes(JSON.stringify(`./${normalize(entry)}`))) return [];
  return [finding('exports/entry', 'warning', `no export leads to kora.entry ${entry}`)];
}

async function checkSchema(directory: string, json: PackageJson, path: string): Promise<PackageFinding[]> {
  const hint = 'kora plugin manifest';
  try {
    JSON.parse(await readFile(join(directory, path), 'utf8'));
  } catch {
    return [
      finding('files/config-schema', 'error', `kora.configSchema ${path} is not there or is no JSON`, hint),
    ];
  }
  if (isPacked(json, path)) return [];
  return [finding('files/config-schema', 'error', `"files" leaves out kora.configSchema ${path}`)];
}

/** As far as plain names go; a pattern is believed. */
export function isPacked({ files }: PackageJson, path: string): boolean {
  if (files === undefined) return true;
  const wanted = normalize(path);
  return files.some((each) => {
    const name = normalize(each).replace(/\/$/, '');
    return name === '.' || name.includes('*') || wanted === name || wanted.startsWith(`${name}/`);
  });
}

function finding(
  id: string,
  severity: PackageFinding['severity'],
  message: string,
  hint: string | null = null,
): PackageFinding {
  return { id, severity, message, path: 'package.json', hint };
}
