// docs/doors.md and the census that ships with the runtime, both computed. `npm run events` writes them; a test compares.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { doors } from '../packages/runtime/src/admission/contract.ts';
import { exemptions, nodeModules, packages } from './census/table.ts';
import { readSources, takeCensus } from './census.ts';
import type { CensusRow } from './census.ts';

const head = `# Doors

Every way out of a Kora process, and what lets it through. This page is computed from the sources: \`npm run events\` writes
it, a test compares, and \`npm run census\` says what is wrong. \`kora doctor\` counts the same, \`kora doctor --census\` lists it.

A way out is a mention of \`fetch\`, \`WebSocket\`, \`EventSource\`, of Node's \`net\`, \`tls\`, \`dgram\`, \`dns\`, \`http\`, \`https\`,
\`http2\`, \`child_process\`, \`worker_threads\` and their like, of a package that opens sockets, of \`process.kill\`, and of code
that is loaded by a computed name; under whatever name it was imported, passed on or taken apart. Beside them stand the
deeds: a ticket's handler is called, a task is run, a probe looks, a channel sends, a lease is taken, a plugin's call is
let through.

Each is admitted when a pass is redeemed before it, in its own function and on every way through it, or in every function
that leads there. A function that was written for a deed (\`run\` of a periodic task) is admitted by that deed's door, since
each call of the deed is in this census too. One pass is for one deed. What is not admitted is named below, with its
reason, by file and by what may be reached from there; anything else fails the build.
`;

const tail = `## What this does not see

It is a check on honest work, and no wall against code that hides what it does.

- A plugin that the operator trusts runs in the runtime's own process. What such a plugin calls is **not covered**, unless
  it asks \`ctx.admit\`; \`kora doctor\` names each, with what its entry imports. A guest has a process and walls of its own:
  see [security.md](security.md).
- Gates of boot, checks of service tokens, identities, daemons and reactions to events are code of plugins that the
  runtime calls without a door. In the plugins of this repository they reach nothing: it would fail the build.
- The packages below that stay inside are believed to. What a package of the other kind does is counted where we call it.
- A deed that is called through a type which forgot it (\`unknown\`, a shape written by hand) is not recognised.
- SQL is all behind the store, whatever a statement makes the server do.
`;

/** The page as it has to be. */
export function doorsPage(rows: readonly CensusRow[]): string {
  const names = [...doors, ...Object.keys(exemptions)];
  const used = names.filter((name) => rows.some(({ admitted }) => admitted.includes(name)));
  return [
    head,
    '## By door',
    '',
    ...table(
      rows,
      used.filter((name) => (doors as readonly string[]).includes(name)),
    ),
    '## Without a door',
    '',
    '| named | because |',
    '|---|---|',
    ...Object.entries(exemptions).map(([name, reason]) => `| ${name} | ${reason} |`),
    '',
    ...table(
      rows,
      used.filter((name) => !(doors as readonly string[]).includes(name)),
    ),
    '## Packages',
    '',
    `Open sockets, or run a database: ${named((known) => known !== 'inside')}.`,
    `Stay inside: ${named((known) => known === 'inside')}.`,
    '',
    tail,
  ].join('\n');
}

function named(kind: (known: (typeof packages)[string]) => boolean): string {
  const found = Object.entries(packages).filter(([, known]) => kind(known));
  return found.map(([name]) => `\`${name}\``).join(', ');
}

function table(rows: readonly CensusRow[], names: readonly string[]): string[] {
  const lines = names.flatMap((name) =>
    rows
      .filter(({ admitted }) => admitted.includes(name))
      .map(({ file, place, reaches, sites }) => {
        const times = sites > 1 ? ` (${sites} times)` : '';
        return `| ${name} | ${reaches}${times} | \`${place}\` in ${file.replace('packages/', '')} |`;
      }),
  );
  return ['| admitted by | reaches | where |', '|---|---|---|', ...lines, ''];
}

/** The module that ships: one line a row, in the order of the files. */
export function censusModule(rows: readonly CensusRow[]): string {
  const lines = rows.map(({ file, place, reaches, admitted, sites }) =>
    JSON.stringify([file, place, reaches, admitted, sites]),
  );
  const watched = [
    ...Object.keys(nodeModules).map((name) => `node:${name}`),
    ...Object.keys(packages).filter((name) => packages[name] !== 'inside'),
  ];
  return `// Computed from the sources: \`npm run events\` writes this, and house/census.test.ts compares.
type Row = readonly [
  file: string,
  place: string,
  reaches: string,
  admitted: readonly string[],
  sites: number,
];

// biome-ignore format: one line a row
export const censusRows: readonly Row[] = [
${lines.map((line) => `  ${line},`).join('\n')}
];

// biome-ignore format: one line each
export const exemptions: Readonly<Record<string, string>> = {
${Object.entries(exemptions)
  .map(([name, reason]) => `  ${JSON.stringify(name)}: ${JSON.stringify(reason)},`)
  .join('\n')}
};

// biome-ignore format: a list
export const watchedModules: readonly string[] = [
${watched.map((name) => `  ${JSON.stringify(name)},`).join('\n')}
];
`;
}

export const page: URL = new URL('../docs/doors.md', import.meta.url);
export const shipped: URL = new URL('../packages/runtime/src/admission/census-rows.ts', import.meta.url);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { rows } = takeCensus(readSources());
  writeFileSync(page, doorsPage(rows));
  writeFileSync(shipped, censusModule(rows));
}
