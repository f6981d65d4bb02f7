import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the README lists every error code, and no other', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const here = new URL('.', import.meta.url);
  const sources = readdirSync(here).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const thrown = sources.flatMap((name) => codesIn(readFileSync(new URL(name, here), 'utf8')));
  expect(new Set(codesIn(readme))).toEqual(new Set(thrown));
  expect(new Set(thrown).size).toBeGreaterThan(5);
});

function codesIn(text: string): string[] {
  return text.match(/KORA_PGLITE_[A-Z_]*[A-Z]/g) ?? [];
}
