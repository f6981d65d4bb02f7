import { createHash } from 'node:crypto';
import { parse } from 'jsonc-parser';
import { fault, KoraError } from '../fault/index.ts';
import { valueAt as valueIn, withoutKey, withValue } from './block-edits.ts';
import { editFile, emptyFile, textOf } from './file-edit.ts';
import { nearestKey } from './issues.ts';
import { isKnownKey, isSecretKey } from './known-keys.ts';
import { parseConfiguration } from './load.ts';
import type { Configuration } from './schema.ts';

/** One key to write; without a value it is taken out, and its default holds. */
export interface KeyChange {
  readonly key: string;
  readonly value?: unknown;
}

/** A kora.json as it stands. */
export interface ReadFile {
  /** Names the exact text; a file that is not there has one too. */
  readonly digest: string;
  /** What it says, without defaults; undefined where it is no JSON. */
  readonly said: unknown;
  /** Undefined where it is no configuration. */
  readonly config: Configuration | undefined;
  readonly problem: string | null;
}

/** Reads a kora.json for whoever wants to change it. Throws KORA_CONFIG_UNREADABLE. */
export async function readKeys(file: string): Promise<ReadFile> {
  return readOf((await textOf(file)) ?? '', file);
}

function readOf(text: string, file: string): ReadFile {
  const read = { digest: digestOf(text), said: saidIn(text) };
  try {
    return { ...read, config: parseConfiguration(text === '' ? emptyFile : text, file), problem: null };
  } catch (error) {
    if (!(error instanceof KoraError)) throw error;
    return { ...read, config: undefined, problem: error.message };
  }
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function saidIn(text: string): unknown {
  return parse(text.replace(/^\uFEFF/, ''), [], { allowTrailingComma: true }) as unknown;
}

/**
 * What may be written at all, whoever asks. Throws KORA_CONFIG_UNKNOWN_KEY, and KORA_CONFIG_INVALID for a block of a plugin, which
 * has a command of its own, and for a secret that is no reference.
 */
export function refuseUnwritable({ key, value }: KeyChange): void {
  const [, plugin] = /^plugins\.config(?:\.([^.]+))?/.exec(key) ?? [];
  if (key.startsWith('plugins.config'))
    throw fault('KORA_CONFIG_INVALID', `${key} is a block of a plugin, which its plugin’s schema checks`, {
      fix: `kora plugin config ${plugin ?? 'ID'} --set KEY=VALUE --reason "…"`,
      details: issueAt(key, 'a block of a plugin is written by kora plugin config'),
    });
  if (!isKnownKey(key))
    throw fault('KORA_CONFIG_UNKNOWN_KEY', `there is no key ${key}${nearestKey(key)}`, {
      fix: 'kora config get',
      details: issueAt(key, 'there is no such key'),
    });
  if (!isSecretKey(key) || value === undefined) return;
  if (typeof value === 'string' && /^(?:env|file):./.test(value)) return;
  throw fault(
    'KORA_CONFIG_INVALID',
    `${key} is a secret: only where it stands is written, never what it is`,
    {
      fix: `kora config set ${key} env:NAME --reason "…", or file:/path`,
      details: issueAt(key, 'env:NAME or file:/path: a secret is not written into a configuration'),
    },
  );
}

function issueAt(path: string, message: string): Record<string, unknown> {
  return { issues: [{ path, message }] };
}

export interface KeysWrite {
  readonly changes: readonly KeyChange[];
  /** Of the text that the writer had read. */
  readonly digest: string;
  /** Milliseconds since 1970, as the file system dates. */
  readonly now: number;
  /** What is thrown when the file is not that text. */
  changed(stands: ReadFile): Error;
}

/**
 * Writes keys into a kora.json and leaves everything else as it is, comments, order and mode too: all or nothing, also
 * over a crash, and nothing where the whole would be no configuration. Throws what `changed` says, KORA_CONFIG_INVALID naming the
 * key and its bound, and what reading a configuration throws.
 */
export async function writeKeys(file: string, { changes, digest, now, changed }: KeysWrite): Promise<void> {
  const edit = (text: string, raw: string): string => {
    if (digestOf(raw) !== digest) throw changed(readOf(raw, file));
    return planKeys(file, text, changes).text;
  };
  const late = (): Error =>
    fault('KORA_CONFIG_CHANGED', `${file} was written by somebody else meanwhile`, { fix: 'try again' });
  await editFile(file, { now, edit, changed: late });
}

/** The text with the changes and what it says then. Throws KORA_CONFIG_INVALID and KORA_CONFIG_UNKNOWN_KEY. */
export function planKeys(
  file: string,
  text: string,
  changes: readonly KeyChange[],
): { readonly text: string; readonly config: Configuration } {
  refuseCode(file);
  const before = text === '' ? emptyFile : text.replace(/^\uFEFF/, '');
  const after = changes.reduce(withChange, before);
  try {
    return { text: after, config: parseConfiguration(after, file) };
  } catch (error) {
    throw asked(error, changes);
  }
}

function withChange(text: string, { key, value }: KeyChange): string {
  const path = key.split('.');
  const stands = valueIn(text, path);
  if (value !== undefined) return withValue(text, path, stands, value);
  return stands === undefined ? text : withoutEmpty(withoutKey(text, path), path.slice(0, -1));
}

/** A table that the last key went out of goes too: there it may say something, which nobody said. */
function withoutEmpty(text: string, path: readonly string[]): string {
  if (path.length === 0) return text;
  const left = valueIn(text, [...path]);
  if (typeof left !== 'object' || left === null || Object.keys(left).length > 0) return text;
  return withoutEmpty(withoutKey(text, [...path]), path.slice(0, -1));
}

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** The refusal of a whole file, told of the keys that were asked for; another one stays as it is. */
function asked(error: unknown, changes: readonly KeyChange[]): unknown {
  if (!(error instanceof KoraError)) return error;
  const issues = (error.details['issues'] ?? []) as readonly Issue[];
  const isOf = ({ path }: Issue, { key }: KeyChange): boolean =>
    path === key || path.startsWith(`${key}.`) || key.startsWith(`${path}.`);
  const [change] = changes.filter((each) => issues.some((issue) => isOf(issue, each)));
  if (change === undefined) return error;
  const told = issues.filter((issue) => changes.some((each) => isOf(issue, each)));
  const message = told.map(({ path, message: why }) => `${path}: ${why}`).join('; ');
  return fault(error.code as 'KORA_CONFIG_INVALID', message, {
    fix: `kora config explain ${change.key}`,
    details: { issues: told },
  });
}

/** Throws KORA_CONFIG_INVALID for a file that is a program: it is not rewritten. */
export function refuseCode(file: string): void {
  if (!/\.[cm]?[jt]s$/.test(file)) return;
  throw fault('KORA_CONFIG_INVALID', `${file} is code, and code is not rewritten`, {
    fix: `write it there by hand, then: kora config validate --config ${file}`,
  });
}
