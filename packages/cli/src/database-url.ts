import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { usage } from './fault.ts';
import type { Host } from './host.ts';

/** A database URL as typed: itself, or `env:NAME` or `file:PATH`, which keep the password out of the process list. */
export async function databaseUrl(typed: string, { env, cwd }: Host): Promise<string> {
  if (typed.startsWith('env:')) {
    const value = env[typed.slice(4)]?.trim();
    if (value !== undefined && value !== '') return value;
    throw usage(`the variable ${typed.slice(4)} is not set`, `export ${typed.slice(4)}=postgres://…`);
  }
  if (!typed.startsWith('file:')) return typed;
  const file = resolve(cwd, typed.slice(5));
  const text = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (text !== '') return text;
  throw usage(`${file} cannot be read, or is empty`, `write the database URL into ${file}`);
}
