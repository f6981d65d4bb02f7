import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const longestMs = 20_000;

/** What importing a module did besides defining things; empty when it did nothing. Throws never: a broken import is said. */
export async function importProbe(entry: string, nodeArgs: readonly string[]): Promise<readonly string[]> {
  const child = spawn(process.execPath, [...nodeArgs, importerFile(), entry], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
    timeout: longestMs,
    killSignal: 'SIGKILL',
  });
  let printed = '';
  let complained = '';
  let told: readonly string[] | undefined;
  child.stdout?.on('data', (piece: Buffer) => (printed += piece.toString()));
  child.stderr?.on('data', (piece: Buffer) => (complained += piece.toString()));
  child.on('message', (message: readonly string[]) => (told = message));
  const ended = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  if (told === undefined) return [`ended the process (${ended}): ${complained.trim().slice(0, 500)}`];
  const lines = [printed, complained].map((text) => text.trim()).filter((text) => text !== '');
  return [...told, ...lines.map((line) => `printed ${JSON.stringify(line.slice(0, 200))}`)];
}

/** Beside this very module: `dist` holds both in one folder, the sources do not. */
function importerFile(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? '../importer.ts' : './importer.js', here));
}
