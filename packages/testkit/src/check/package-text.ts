import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageFinding } from './contract.ts';

type Strings = Readonly<Record<string, string>>;

/** What of a package.json the checks look at; whatever else it holds is read as it is. */
export interface PackageJson {
  readonly private?: boolean;
  readonly type?: string;
  readonly license?: string;
  readonly keywords?: readonly string[];
  readonly files?: readonly string[];
  readonly exports?: unknown;
  readonly scripts?: Strings;
  readonly engines?: Strings;
  readonly dependencies?: Strings;
  readonly peerDependencies?: Strings;
}

export async function packageText(
  directory: string,
): Promise<{ readonly text: string; readonly json: PackageJson } | { readonly finding: PackageFinding }> {
  const file = join(directory, 'package.json');
  const finding = (message: string): { readonly finding: PackageFinding } => ({
    finding: { id: 'manifest/unreadable', severity: 'error', message, path: 'package.json', hint: null },
  });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return finding(`there is no ${file}`); // or it cannot be read, which is the same for whoever installs it
  }
  try {
    return { text, json: JSON.parse(text) as PackageJson };
  } catch (error) {
    return finding(`${file} is no JSON: ${String(error)}`);
  }
}
