import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adder, cleanInstall, runner } from './manager.ts';
import type { Plan } from './plan.ts';
import { CreateRefusal } from './refusal.ts';

export interface TemplateFile {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** `src/` and `dist/` lie side by side, so one step up is right in both. */
const own = fileURLToPath(new URL('..', import.meta.url));

/** The version of this package, which is that of the runtime and the command: they are released as one. */
export function ownVersion(): string {
  return (JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')) as { version: string }).version;
}

/** The files of a new project, in the order of their paths. */
export function filled(plan: Plan): readonly TemplateFile[] {
  const folder = join(own, 'templates', plan.kind);
  const words = wordsOf(plan);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: pathOf(relative(folder, file)), text: fill(readFileSync(file, 'utf8'), words) }))
    .map(({ path, text }) => ({ path, text: path === 'package.json' ? asNpmWrites(text) : text }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** So that the first `npm install` or `kora plugin manifest` changes what it has to and nothing else. */
function asNpmWrites(manifest: string): string {
  return `${JSON.stringify(JSON.parse(manifest), null, 2)}\n`;
}

/** Inside a package, npm takes a `.gitignore` for its own, and tools take a package.json for another package. */
const disguises: Readonly<Record<string, string>> = {
  _gitignore: '.gitignore',
  '_package.json': 'package.json',
};

function pathOf(path: string): string {
  return path
    .split(sep)
    .map((part) => disguises[part] ?? part)
    .join('/');
}

function wordsOf({ name, id, manager }: Plan): Readonly<Record<string, string>> {
  const version = ownVersion();
  return {
    name,
    id,
    // How an id is written in event types.
    prefix: id.replaceAll('-', '_'),
    version,
    kora: `^${version}`,
    manager,
    run: runner(manager),
    add: adder(manager),
    ci: cleanInstall(manager),
  };
}

function fill(text: string, words: Readonly<Record<string, string>>): string {
  return text.replaceAll(/%%([a-z]+)%%/g, (_mark, key: string) => {
    const word = words[key];
    if (word === undefined) throw new CreateRefusal('CREATE_KORA_NAME', `a template asks for "${key}"`);
    return word;
  });
}
