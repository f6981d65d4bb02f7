import { readFile } from 'node:fs/promises';
import type { Finding } from '@kora/runtime/client';
import type { Context } from '../context.ts';
import { hostPluginsInProcess } from '../plugin-index.ts';
import type { CensusRow, DoorCensus } from '../runtime.ts';
import { finding } from './check.ts';
import type { Check } from './check.ts';

/** How many ways out of the process each door guards; every single one with `--census`; and what is not covered. */
export const checkDoors: Check = async (context) => {
  const { doorCensus } = (await context.host.runtime.composing(context.host.cwd)).module;
  const listed = context.input.on('census') ? doorCensus.rows.map(rowFinding) : [];
  return [summary(doorCensus), ...listed, ...(await uncovered(context, doorCensus))];
};

function summary({ rows, exemptions }: DoorCensus): Finding {
  const counts = new Map<string, number>();
  for (const { admitted, sites } of rows)
    for (const name of admitted) counts.set(name, (counts.get(name) ?? 0) + sites);
  const isExempt = (name: string): boolean => Object.hasOwn(exemptions, name);
  const names = [...counts].filter(([name]) => !isExempt(name));
  const beside = rows
    .filter(({ admitted }) => admitted.some(isExempt))
    .reduce((sum, { sites }) => sum + sites, 0);
  const doors = names
    .map(([name, count]) => `${name} ${count}`)
    .sort()
    .join(', ');
  return finding(
    'info',
    'door/census',
    `ways out of the process by door: ${doors}; ${beside} by a named exemption`,
  );
}

function rowFinding({ file, place, reaches, admitted, sites }: CensusRow): Finding {
  const times = sites > 1 ? `, ${sites} times` : '';
  return finding('info', 'door/site', `${admitted.join(', ')}: ${place} reaches ${reaches}${times}`, {
    path: file,
  });
}

/** A plugin of the operator's own choice in the runtime's own process may call what it likes: that is said, not hidden. */
async function uncovered(context: Context, { watched }: DoorCensus): Promise<Finding[]> {
  const plugins = await hostPluginsInProcess(context);
  return await Promise.all(
    plugins.map(async ({ id, entry }) => {
      const reached = waysIn(await readFile(entry, 'utf8').catch(() => ''), watched);
      const sees =
        reached.length > 0 ? `its entry names ${reached.join(', ')}` : 'its entry names no way out';
      const message = `plugin ${id} runs in the runtime's process, and no door covers what it calls: ${sees}`;
      return finding('info', 'door/not-covered', message, { path: entry });
    }),
  );
}

const imported = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"]([^'"]+)['"]/g;

/** What a text imports of the watched modules, and whether it calls `fetch`: a glance, and no judgement. */
function waysIn(text: string, watched: readonly string[]): string[] {
  const names = [...text.matchAll(imported)].map(([, name = '']) => name);
  const found = names.flatMap((name) => watched.filter((each) => each === name || each === `node:${name}`));
  return [...new Set([...found, ...(/\bfetch\s*\(/.test(text) ? ['fetch'] : [])])].sort();
}
