import type { LogSource } from '../../scene/contract.ts';
import type { Entry } from './entry.ts';
import { Readings } from './readings.ts';
import type { Reading } from './readings.ts';
import { TemplateMiner } from './templates.ts';
import type { Template } from './templates.ts';

/** A log, read once: what it says, sorted. */
export interface LogPicture {
  readonly source: LogSource;
  readonly entity: string;
  readonly entries: number;
  /** The line that it begins with, counted as its source counts; null of an empty one. */
  readonly firstLine: number | null;
  /** Times of all entries, oldest first. */
  readonly times: readonly number[];
  readonly templates: readonly Template[];
  /** Gauges that the log itself reports, by their names. */
  readonly gauges: ReadonlyMap<string, Reading>;
  /** How long each path took, milliseconds. */
  readonly paths: ReadonlyMap<string, Reading>;
  /** Entries of who was refused for asking too often. */
  readonly limited: ReadonlyMap<string, number>;
  /** Whether lines are missing: the source gives not all, or there were more than are read. */
  readonly truncated: boolean;
}

/** A picture in the making; entries come in the order of the log. */
export class PictureMaker {
  readonly #miner = new TemplateMiner();
  readonly #readings = new Readings();
  readonly #times: number[] = [];
  #entries = 0;
  #firstLine: number | null = null;
  #isCut = false;

  add(entry: Entry): void {
    this.#miner.add(entry);
    this.#readings.add(entry);
    if (entry.at !== null) this.#times.push(entry.at);
    this.#entries += 1;
    this.#firstLine ??= entry.line;
    this.#isCut ||= cutShort.test(entry.text);
  }

  picture(
    source: LogSource,
    { entity, truncated }: { readonly entity: string; readonly truncated: boolean },
  ): LogPicture {
    const { gauges, paths, limited } = this.#readings;
    return {
      source,
      entity,
      entries: this.#entries,
      firstLine: this.#firstLine,
      times: this.#times,
      templates: this.#miner.templates,
      gauges,
      paths,
      limited,
      truncated: truncated || this.#isCut,
    };
  }
}

/** What tools write where they cut. */
const cutShort = /^\W*(?:output )?(?:truncated|\d+ (?:more )?(?:lines|bytes) (?:omitted|truncated))\b/i;

/** What something once was, beside what it is since: times a minute. */
export interface Freshness {
  readonly isNew: boolean;
  readonly hasRisen: boolean;
}

/** How long before the first failing look a cause may have begun to show. */
export const leadMs = 15 * 60_000;

/**
 * Whether a template belongs to the fault: it began with it, or became much more frequent. What was said at the same
 * rate all along is noise. Without a beginning of the fault, everything is new.
 */
export function freshness(template: Template, picture: LogPicture, onset: number | null): Freshness {
  const first = template.first.at;
  const logFrom = picture.times[0];
  if (onset === null || first === null || logFrom === undefined) return { isNew: true, hasRisen: false };
  const split = onset - leadMs;
  if (first >= split || logFrom >= split) return { isNew: true, hasRisen: false };
  const before = template.times.filter((at) => at < split).length;
  const since = template.times.length - before;
  const until = Math.max(picture.times.at(-1) ?? onset, split + 60_000);
  const rateBefore = before / Math.max(1, (split - logFrom) / 60_000);
  const rateSince = since / ((until - split) / 60_000);
  return { isNew: false, hasRisen: since >= 3 && rateSince >= rateBefore * 3 };
}

/** When the template became part of the fault: its first time, or the first after the noise. */
export function begins(template: Template, fresh: Freshness, onset: number | null): number | null {
  if (fresh.isNew || onset === null) return template.first.at;
  return template.times.find((at) => at >= onset - leadMs) ?? template.first.at;
}
