import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';
import type { Manifest } from '@kora/runtime/testkit';
import type { PackageFinding } from './contract.ts';

const code = new Set(['.js', '.mjs', '.ts', '.mts']);
const mostFiles = 500;
const largestBytes = 2 * 1024 * 1024;

const capability = /['"`](cap_[a-z][a-z0-9_]{2,60})['"`]/g;
const secret = /\.secret\(\s*['"`]([A-Z][A-Z0-9_]{0,63})['"`]/g;

/** Compares the capabilities and secrets that the code names, as far as they stand there as text, with the declared ones. */
export async function checkWords(directory: string, manifest: Manifest): Promise<readonly PackageFinding[]> {
  const named = await namesIn(directory, dirname(join(directory, manifest.entry)));
  const found: PackageFinding[] = [];
  for (const [name, path] of named.capabilities) {
    if (manifest.capabilities.includes(name)) continue;
    const hint = `add "${name}" to kora.capabilities`;
    found.push({
      id: 'capabilities/undeclared',
      severity: 'warning',
      message: `${name} is not declared`,
      path,
      hint,
    });
  }
  for (const name of manifest.capabilities) {
    if (/^cap_[a-z][a-z0-9_]{2,60}$/.test(name)) continue;
    const message = `kora.capabilities: "${name}" is not the id of a capability`;
    found.push({ id: 'capabilities/name', severity: 'error', message, path: 'package.json', hint: null });
  }
  for (const [name, path] of named.secrets) {
    if (manifest.secrets.includes(name)) continue;
    const message = `the secret ${name} is asked for and not declared: it would be refused`;
    found.push({
      id: 'secrets/undeclared',
      severity: 'error',
      message,
      path,
      hint: `add "${name}" to kora.secrets`,
    });
  }
  return found;
}

interface Names {
  /** Each with the file it was first seen in. */
  readonly capabilities: ReadonlyMap<string, string>;
  readonly secrets: ReadonlyMap<string, string>;
}

async function namesIn(directory: string, folder: string): Promise<Names> {
  const capabilities = new Map<string, string>();
  const secrets = new Map<string, string>();
  for (const file of await codeFiles(folder)) {
    const path = relative(directory, file);
    const text = await readFile(file, 'utf8');
    for (const [, name = ''] of text.matchAll(capability))
      if (!capabilities.has(name)) capabilities.set(name, path);
    for (const [, name = ''] of text.matchAll(secret)) if (!secrets.has(name)) secrets.set(name, path);
  }
  return { capabilities, secrets };
}

async function codeFiles(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined && files.length < mostFiles; at = folders.pop()) {
    // A folder that is not there has no entry either, which is said elsewhere.
    for (const each of await readdir(at, { withFileTypes: true }).catch(() => [])) {
      const path = join(at, each.name);
      if (each.isDirectory() && each.name !== 'node_modules' && !each.name.startsWith('.'))
        folders.push(path);
      const isCode = each.isFile() && code.has(extname(each.name)) && !/\.(test|d)\.[cm]?ts$/.test(each.name);
      if (isCode && (await stat(path)).size <= largestBytes) files.push(path);
    }
  }
  return files;
}
