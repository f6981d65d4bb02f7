import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Look, Scene } from '../../packages/plugin-probes/src/scene/contract.ts';

/** A line of a log: when it was written, null when it does not say, and the whole of it. */
export type WorldLine = readonly [at: number | null, text: string];

export interface WorldLog {
  readonly id: string;
  readonly entity: string;
  /** Bytes of the whole log, which may be more than is kept of it. */
  readonly bytes: number;
  readonly truncated: boolean;
  /** Number of the first line that is kept. */
  readonly firstLine: number;
}

/** The state of a made-up world as files: everything that can be asked of it, whatever is asked. */
export interface World extends Omit<Scene, 'looks' | 'logs'> {
  /** By probe, newest first. */
  readonly looks: Readonly<Record<string, readonly Look[]>>;
  readonly logs: readonly WorldLog[];
}

/** A world with its logs. */
export interface WholeWorld extends World {
  readonly lines: Readonly<Record<string, readonly WorldLine[]>>;
}

/** Writes a world into a folder: `world.json`, and a file for each log. */
export function writeWorld(folder: string, { lines, ...world }: WholeWorld): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'world.json'), JSON.stringify(world));
  for (const [n, { id }] of world.logs.entries()) {
    const text = (lines[id] ?? []).map(([at, line]) => `${at ?? '-'}\t${line}\n`).join('');
    writeFileSync(join(folder, `log-${n}.txt`), text);
  }
}

export function readWorld(folder: string): WholeWorld {
  const world = JSON.parse(readFileSync(join(folder, 'world.json'), 'utf8')) as World;
  const lines = Object.fromEntries(
    world.logs.map(({ id }, n) => [id, readLines(join(folder, `log-${n}.txt`))] as const),
  );
  return { ...world, lines };
}

function readLines(file: string): WorldLine[] {
  const text = readFileSync(file, 'utf8');
  const rows = text.split('\n');
  rows.pop(); // what stands behind the last line's end
  return rows.map((row) => {
    const tab = row.indexOf('\t');
    const at = row.slice(0, tab);
    return [at === '-' ? null : Number(at), row.slice(tab + 1)];
  });
}
