import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@kora/runtime/plugin';
import { fault } from '@kora/runtime/testkit';
import type { PackageFinding } from '../check/contract.ts';
import { checkPackage, versionOf } from '../check/package-check.ts';
import { conformance } from '../conformance/index.ts';
import { importProbe } from '../conformance/import-probe.ts';
import { readPackage } from '../manifest.ts';
import { loadPlugin, madeUpSecrets, ownConfig } from './load.ts';
import type { BenchOrder, BenchWord, CheckAnswer } from './orders.ts';

const longestMs = 60_000;
/** Without these there is nothing to load. */
const unloadable = /^(manifest\/|entry\/(missing|outside)$)/;
const importCheck = 'import-does-nothing';

/** Guests read files and do nothing else to the machine; so does what is executed here. */
const walls = ['--permission', '--allow-fs-read=*'];

export async function checkPlugin(order: Extract<BenchOrder, { verb: 'check' }>): Promise<CheckAnswer> {
  const { directory, execute, nodeArgs } = order;
  const findings = [...(await checkPackage(directory, await runtimeVersion(directory)))];
  const loads = !findings.some(({ id, severity }) => severity === 'error' && unloadable.test(id));
  if (!execute || !loads) return { directory, findings, executed: false };
  const { manifest } = await readPackage(directory);
  const imported = await importProbe(join(directory, manifest.entry), [...nodeArgs, ...walls]);
  findings.push(
    ...imported.map((problem) => executed(importCheck, `importing ${manifest.entry} ${problem}`)),
  );
  if (!imported.some((problem) => /^(failed|ended)/.test(problem)))
    findings.push(...(await executeApart(directory, nodeArgs)));
  return { directory, findings, executed: true };
}

/** The suite, in this very process: the one that may read files and nothing else. */
export async function executePlugin(directory: string): Promise<CheckAnswer> {
  const found = await readPackage(directory);
  const { plugin } = await loadPlugin(found, 'entry');
  const findings: PackageFinding[] = [];
  const options = { packageDir: directory, config: await ownConfig(found), secrets: madeUpSecrets(found) };
  for (const { id, run } of conformance(plugin, options)) {
    if (id === importCheck) continue;
    try {
      await run();
    } catch (error) {
      findings.push(executed(id, messageOf(error), fixOf(error)));
    }
  }
  return { directory, findings, executed: true };
}

async function executeApart(
  directory: string,
  nodeArgs: readonly string[],
): Promise<readonly PackageFinding[]> {
  const order: BenchOrder = { verb: 'execute', directory };
  const child = spawn(process.execPath, [...nodeArgs, ...walls, '--no-warnings', benchFile(), 'bench'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { PATH: process.env['PATH'] },
    timeout: longestMs,
    killSignal: 'SIGKILL',
  });
  child.send(order, () => undefined); // that it could not be told shows in how it ends
  let word: BenchWord | undefined;
  child.on('message', (said: BenchWord) => (word = said));
  const ended = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  if (word?.kind === 'done') return (word.answer as CheckAnswer).findings;
  if (word?.kind === 'failed') return [executed('load', word.message, word.fix)];
  return [executed('load', `the process that loaded it ended without a word: ${ended}`)];
}

function executed(id: string, message: string, hint: string | null = null): PackageFinding {
  return { id: `execute/${id}`, severity: 'error', message, path: 'package.json', hint };
}

function fixOf(error: unknown): string | null {
  const fix: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'fix') : undefined;
  return typeof fix === 'string' ? fix : null;
}

/** Of the copy that the plugin's project has, else of the one that this kit was installed with. */
async function runtimeVersion(directory: string): Promise<string> {
  for (const from of [join(directory, 'package.json'), fileURLToPath(import.meta.url)]) {
    try {
      return await versionOf(createRequire(from).resolve('@kora/runtime/package.json'));
    } catch {
      continue; // not installed there
    }
  }
  throw fault('KORA_PLUGIN_INVALID', '@kora/runtime is not installed', { fix: 'npm install @kora/runtime' });
}

function benchFile(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? '../bench.ts' : './bench.js', here));
}
