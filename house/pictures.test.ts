import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const docs = join(root, 'docs');
const mostBytes = 200_000;

const pages = [join(root, 'README.md'), ...markdownIn(docs), join(root, 'packages', 'cockpit', 'README.md')];
const named = pages.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/!\[[^\]]+\]\((?!https?:)([^)]+)\)/g)].map(([, path = '']) =>
    join(dirname(page), path),
  ),
);

function markdownIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

it('every picture that a page names is there, and small enough to be cloned by everybody', () => {
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
  expect(named.filter((path) => existsSync(path) && statSync(path).size > mostBytes)).toEqual([]);
});

it('every picture of the documentation is named by a page, and taken by the test of pictures', () => {
  const all = readdirSync(docs).filter((name) => name.endsWith('.png'));
  expect(all.filter((name) => !named.includes(join(docs, name)))).toEqual([]);
  const test = readFileSync(join(root, 'e2e', 'cockpit', 'pictures.test.ts'), 'utf8');
  expect(all.filter((name) => !test.includes(`'${name.replace('.png', '')}'`))).toEqual([]);
});
