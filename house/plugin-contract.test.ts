import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildContext } from '../packages/runtime/src/plugin/context.ts';
import { contributionKinds, Contributions } from '../packages/runtime/src/plugin/contributions.ts';
import { readManifest } from '../packages/runtime/src/plugin/manifest.ts';
import { ScriptedHouse } from '../packages/runtime/src/plugin/testing/scripted-house.ts';
import { Scope } from '../packages/runtime/src/scope/index.ts';

const page = readFileSync(new URL('../docs/plugin-contract.md', import.meta.url), 'utf8');
const examples = [
  new URL('../packages/runtime/src/plugin/testing/contract-examples.ts', import.meta.url),
  new URL('../packages/runtime/src/plugin/testing/learning-examples.ts', import.meta.url),
]
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

/** The functions of the examples by name, their bodies as the page shows them. */
const bodies = new Map(
  [...examples.matchAll(/^export (?:async )?function (\w+)\([^\n]*\{\n([^]*?)^\}/gm)].map(
    ([, name = '', body = '']) => [name, body.replaceAll(/^ {2}/gm, '').trimEnd()],
  ),
);

/** A context as a plugin meets it, and everything it has. */
function context(): Readonly<Record<string, unknown>> {
  const house = new ScriptedHouse();
  const owner = { id: 'tide', trusted: true };
  const parts = { workspace: 'default', config: {}, log: house.log, contributions: new Contributions() };
  const services = house.services(owner);
  return { ...buildContext({ ...parts, owner, services, scope: new Scope('page') }) };
}

/** `chain.append` of `chain`; nothing of what is no group of calls. */
function callsOf(member: unknown): readonly string[] {
  if (typeof member !== 'object' || member === null) return [];
  return Object.entries(member).flatMap(([name, call]) => (typeof call === 'function' ? [name] : []));
}

describe('docs/plugin-contract.md', () => {
  const members = Object.entries(context());

  it('has a section with an example for each member of the context, and no other', () => {
    const headings = [...page.matchAll(/^### (.+)$/gm)].flatMap(([, heading = '']) =>
      [...heading.matchAll(/`context\.(\w+)/g)].map(([, name = '']) => name),
    );
    expect(headings.toSorted()).toEqual(members.map(([name]) => name).toSorted());
  });

  it.each(members.filter(([name]) => name !== 'workspace'))('shows %s in use', (name, member) => {
    const body = bodies.get(name);
    expect(body, 'an example of that name').toBeDefined();
    expect(page).toContain(`\`\`\`ts\n${body}\n\`\`\``);
    const calls = callsOf(member);
    const use = calls.length === 0 ? '' : `\\.(${calls.join('|')})`;
    expect(body).toMatch(new RegExp(`context\\.${name}\\b${use}`));
  });

  it('says every call of every group', () => {
    const section = (name: string): string =>
      page.split(/^### /m).find((each) => each.startsWith(`\`context.${name}`)) ?? '';
    for (const [name, member] of members)
      for (const call of name === 'log' ? [] : callsOf(member))
        expect(section(name), `${name}.${call}`).toContain(call);
  });

  it('names each key of the manifest, and each kind that can be declared', () => {
    const kora = { id: 'tide', api: 1, entry: './index.js', minRuntime: '0.1.0', configSchema: './c.json' };
    const reading = readManifest({ name: 'x', version: '1.0.0', kora });
    if (reading.kind !== 'plugin') throw new Error('it is one');
    const rows = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, key = '']) => key);
    expect(rows.toSorted()).toEqual(Object.keys(reading.manifest).toSorted());
    for (const kind of Object.keys(reading.manifest.contributes)) expect(page).toContain(`\`${kind}\``);
    expect(contributionKinds).toContain('panels');
  });
});
