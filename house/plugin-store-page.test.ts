import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const page = read('docs/plugin-store.md');

it.each([
  ['js', 'index.mjs'],
  ['sql', 'migrations/0001-booking.sql'],
])('docs/plugin-store.md shows the example as it stands: %s', (language, file) => {
  const [, shown = ''] = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(page) ?? [];
  expect(shown).toBe(read(`examples/plugin-store/${file}`));
});
