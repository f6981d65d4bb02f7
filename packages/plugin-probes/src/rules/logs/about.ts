import type { LogLine, LogSource } from '../../scene/contract.ts';
import type { Lineage } from '../world/lineage.ts';
import { EntryReader } from './entry.ts';
import type { Entry } from './entry.ts';
import { PictureMaker } from './picture.ts';
import type { LogPicture } from './picture.ts';

/** Lines of one log that are read: a day of a busy service. */
const mostLines = 150_000;
/** Of the log of somebody else the end alone: a scheduler, a proxy, the events of a cluster. */
const mostOfOthers = 20_000;

/** After so many lines others have a turn: looks, heartbeats and messages do not wait for a log. */
const linesOfATurn = 2_000;

export async function readLog(source: LogSource, signal?: AbortSignal): Promise<LogPicture> {
  const lines = await source.lines({ limit: mostLines });
  const truncated = source.truncated || lines.length >= mostLines;
  const maker = new PictureMaker();
  await eachEntry(lines, (entry) => maker.add(entry), signal);
  return maker.picture(source, { entity: source.entity, truncated });
}

/** What the log of a stranger says of those that the order is about: a picture for each that it names. */
export async function readAbout(
  source: LogSource,
  { entities }: Lineage,
  signal?: AbortSignal,
): Promise<readonly LogPicture[]> {
  const names = new Map<string, string>();
  for (const { id, name, kind } of entities.values()) {
    if (kind !== 'probe' && kind !== 'host' && name.length >= 3) names.set(name.toLowerCase(), id);
  }
  if (names.size === 0) return [];
  const about = new Map<string, PictureMaker>();
  const add = (entry: Entry): void => {
    const id = namedIn(entry.text, names);
    if (id === undefined) return;
    const maker = about.get(id) ?? new PictureMaker();
    maker.add(entry);
    about.set(id, maker);
  };
  await eachEntry(await source.lines({ limit: mostOfOthers }), add, signal);
  return [...about].map(([entity, maker]) => maker.picture(source, { entity, truncated: false }));
}

async function eachEntry(
  lines: readonly LogLine[],
  take: (entry: Entry) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const reader = new EntryReader();
  for (const [index, line] of lines.entries()) {
    const entry = reader.take(line);
    if (entry !== null) take(entry);
    if ((index + 1) % linesOfATurn !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
  const last = reader.end();
  if (last !== null) take(last);
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
