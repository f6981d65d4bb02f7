import type { Point } from '../gauge/numbers.ts';
import type { Entry } from './entry.ts';

/** `key=12`, `"key": 12.5`, `key: 94%`: the key, the number and its unit. */
const pair =
  /(?<![\w.])([A-Za-z_][\w.]{0,40})["']?\s?[=:]\s?["']?(-?\d{1,15}(?:\.\d{1,9})?)([%a-zA-Z]{0,3})/g;
/** What is worth following; all else that a line counts is identifiers and ports. */
const gaugeKey =
  /hit|ratio|rate$|latency|duration|elapsed|took|rss|heap|mem|pool|active|in_?use|conn|queue|used|cpu|wait|resp|percent|backlog|lag|max|limit|reject/i;
const durationKey =
  /^(?!.*(?:time_?out|limit|max|up_?time)).*(?:latency|duration|elapsed|took|(?:^|_)time(?:_?ms|_s)?$|resp_?(?:onse)?_?time|_ms$)/i;
/** `pool 100/100 in use`, `connections: 100 of 100`. */
const share =
  /\b(pool|connections?|slots|workers|clients|pods)\b[^\d/]{0,40}(\d{1,7})\s?(?:\/|of)\s?(\d{1,7})/i;
const plainDuration = /(?:in|took|after|duration|\s)[=:\s]{0,2}(\d{1,9}(?:\.\d{1,6})?)\s?(ms|s)\b/;
const pathWord = /(?:^|[\s"'=])(\/[A-Za-z][\w\-./{}:]{0,120})/;
const timed =
  /\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|path|endpoint|route|uri|url|handler|request|op|operation|action|query|job|span|step|stage)\b/;
const refusedForRate = /\b429\b|rate.?limit|too many requests|throttl/i;
const asker =
  /\b(?:client(?:_?id)?|api_?key|tenant|consumer|caller|app|user|account|customer|remote|ip|source)["']?(?:\s?[=:]\s?|\s)["']?([\w.@/-]{2,80})/i;
const noName =
  /^(?:is|was|has|had|with|from|to|for|exceed\w*|requests?|id|ip|over|hit|by|at|the|too|limit\w*|address|error)$/i;
/** As an access log begins. */
const firstAddress = /^((?:\d{1,3}\.){3}\d{1,3})\s/;
const operation =
  /\b(?:endpoint|route|handler|op|operation|action|query|job|span|step|stage)["']?[=:]\s?(?:\\?"([^"\\]{2,80})\\?"|["']?([\w./:-]{2,80}))/;

const mostNames = 200;
const mostPoints = 60_000;
const mostPaths = 500;

/** Points, and the line of the log that each was read from. */
export interface Reading {
  readonly points: Point[];
  readonly lines: number[];
}

/** Gauges, durations and askers that a log reports on the way. Each bounded: names come from outside. */
export class Readings {
  readonly gauges = new Map<string, Reading>();
  readonly paths = new Map<string, Reading>();
  readonly limited = new Map<string, number>();
  readonly #followed = new Map<string, boolean>();

  add(entry: Entry): void {
    const { text } = entry;
    if (refusedForRate.test(text)) this.#asked(text);
    if (entry.at === null) return;
    const duration = this.#pairs(entry) ?? durationIn(text);
    if (duration !== null && timed.test(text)) {
      const path = pathWord.exec(text)?.[1] ?? operationIn(text);
      push(this.paths, path === undefined ? 'all' : generic(path), {
        entry,
        value: duration,
        most: mostPaths,
      });
    }
    const full = share.exec(text);
    if (full !== null && Number(full[3]) > 0) {
      const value = (Number(full[2]) / Number(full[3])) * 100;
      push(this.gauges, `${(full[1] ?? '').toLowerCase()}_share`, { entry, value, most: mostNames });
    }
  }

  /** Follows the gauges of a line, and answers the duration that one of them is. */
  #pairs(entry: Entry): number | null {
    let duration: number | null = null;
    for (const [, key = '', digits = '', unit = ''] of entry.text.matchAll(pair)) {
      const value = Number(digits);
      if (duration === null && durationKey.test(key)) duration = milliseconds(value, unit, key);
      if (this.#follows(key)) push(this.gauges, key, { entry, value, most: mostNames });
    }
    return duration;
  }

  #follows(key: string): boolean {
    const known = this.#followed.get(key);
    if (known !== undefined) return known;
    const follows = gaugeKey.test(key);
    if (this.#followed.size < 2_000) this.#followed.set(key, follows);
    return follows;
  }

  #asked(text: string): void {
    const named = asker.exec(text)?.[1];
    const who = named === undefined || noName.test(named) ? firstAddress.exec(text)?.[1] : named;
    if (who === undefined) return;
    if (this.limited.size < 5_000 || this.limited.has(who)) {
      this.limited.set(who, (this.limited.get(who) ?? 0) + 1);
    }
  }
}

function push(
  into: Map<string, Reading>,
  name: string,
  { entry, value, most }: { readonly entry: Entry; readonly value: number; readonly most: number },
): void {
  const known = into.get(name);
  if (known === undefined) {
    if (into.size < most) into.set(name, { points: [[entry.at ?? 0, value]], lines: [entry.line] });
  } else if (known.points.length < mostPoints) {
    known.points.push([entry.at ?? 0, value]);
    known.lines.push(entry.line);
  }
}

function operationIn(text: string): string | undefined {
  const found = operation.exec(text);
  return found?.[1] ?? found?.[2];
}

function durationIn(text: string): number | null {
  const found = plainDuration.exec(text);
  return found === null ? null : milliseconds(Number(found[1]), found[2] ?? '', '');
}

function milliseconds(value: number, unit: string, key: string): number {
  return unit === 's' || (unit === '' && /(?:_s|seconds|secs?)$/.test(key)) ? value * 1_000 : value;
}

/** `/orders/8123` and `/orders/4f0c…` are one path. */
function generic(path: string): string {
  return path.replace(/\/(?:\d+|[0-9a-f-]{12,})(?=\/|$)/g, '/:id').replace(/[.:]$/, '');
}
