import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Vocabulary } from '../packages/runtime/src/chain/index.ts';
import { aheadOfTheirTime, eventsPage, families } from './events-page.ts';
import { isTest, packageSources } from './tree.ts';

const types = Object.values(families).flat();

describe('the vocabulary', () => {
  it('gives every field of every type of ours its class, also of our plugins', () => {
    // The house's own types are refused without; here the plugins' are held to the same.
    expect(() => new Vocabulary().register('kora', types)).not.toThrow();
  });

  it('says what every type means in a sentence', () => {
    for (const { type, means } of types) expect(means, type).toMatch(/^[A-Z].*\.$/);
  });

  it('calls no type unraised that something raises', () => {
    const raising = packageSources().filter((file) => !isTest(file) && !file.path.endsWith('/events.ts'));
    for (const type of aheadOfTheirTime) {
      expect(types.map((known) => known.type)).toContain(type);
      const raisers = raising.filter(({ text }) => text.includes(`'${type}'`)).map(({ path }) => path);
      expect(raisers, type).toEqual([]);
    }
  });
});

describe('docs/events.md', () => {
  it('is what the code says; `npm run events` writes it', () => {
    expect(readFileSync(new URL('../docs/events.md', import.meta.url), 'utf8')).toBe(eventsPage());
  });
});
