import type { LogSource } from '../../scene/contract.ts';
import type { Lineage } from '../world/lineage.ts';
import { entriesOf } from './entry.ts';
import type { Entry } from './entry.ts';
import { pictureOf } from './picture.ts';
import type { LogPicture } from './picture.ts';

/** Lines of one log that are read: a day of a busy service. */
const mostLines = 150_000;
/** Of the log of somebody else the end alone: a scheduler, a proxy, the events of a cluster. */
const mostOfOthers = 20_000;

export async function readLog(source: LogSource): Promise<LogPicture> {
  const lines = await source.lines({ limit: mostLines });
  const truncated = source.truncated || lines.length >= mostLines;
  return pictureOf(source, entriesOf(lines), { entity: source.entity, truncated });
}

/** What the log of a stranger says of those that the order is about: a picture for each that it names. */
export async function readAbout(source: LogSource, { entities }: Lineage): Promise<readonly LogPicture[]> {
  const names = new Map<string, string>();
  for (const { id, name, kind } of entities.values()) {
    if (kind !== 'probe' && kind !== 'host' && name.length >= 3) names.set(name.toLowerCase(), id);
  }
  if (names.size === 0) return [];
  const about = new Map<string, Entry[]>();
  for (const entry of entriesOf(await source.lines({ limit: mostOfOthers }))) {
    const id = namedIn(entry.text, names);
    if (id === undefined) continue;
    const entries = about.get(id) ?? [];
    entries.push(entry);
    about.set(id, entries);
  }
  return [...about].map(([entity, entries]) => pictureOf(source, entries, { entity, truncated: false }));
}

/** The first thing that a text names by a whole word, `shop-1` and `prod/shop-1` alike. */
function namedIn(text: string, names: ReadonlyMap<string, string>): string | undefined {
  for (const word of text.toLowerCase().split(/[\s"'()[\]{},;=]+/)) {
    const bare = word.replace(/[.:]+$/, '');
    const id = names.get(bare) ?? names.get(bare.split('/').at(-1) ?? bare);
    if (id !== undefined) return id;
  }
  return undefined;
}
