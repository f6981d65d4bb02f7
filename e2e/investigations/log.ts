import type { Random } from './seed.ts';
import type { WorldLine } from './world.ts';

export type Level = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

interface Row {
  readonly at: number;
  readonly text: string;
  readonly mark: string | undefined;
}

type Style = (at: string, level: Level, text: string) => string;

/** How programs write a line; each log has one of them. */
const styles: readonly [Style, ...Style[]] = [
  (at, level, text) => `${at} ${level.padEnd(5)} ${text}`,
  (at, level, text) => `[${at.replace('T', ' ').replace('Z', '')}] ${level.toLowerCase()}: ${text}`,
  (at, level, text) => `time=${at} level=${level.toLowerCase()} msg=${JSON.stringify(text)}`,
];

/** A log in the making: lines come in any order, and stand in that of their times. */
export class Log {
  readonly id: string;
  readonly entity: string;
  readonly #style: Style;
  readonly #rows: Row[] = [];
  #sorted: Row[] | undefined;
  #dropped = 0;

  constructor(id: string, entity: string, random: Random) {
    this.id = id;
    this.entity = entity;
    this.#style = random.pick(styles);
  }

  /** A line, dated. `mark` is a name by which a truth can cite it. */
  say(at: number, level: Level, text: string, mark?: string): void {
    this.write(at, this.#style(new Date(at).toISOString(), level, text), mark);
  }

  /** As it stands, with what follows on lines of their own that say no time. */
  write(at: number, text: string, mark?: string): void {
    if (this.#sorted !== undefined) throw new Error(`${this.id} was cited before it was complete`);
    this.#rows.push({ at: Math.round(at), text, mark });
  }

  /** Keeps only the last lines, as whoever collects a log does that is too large. */
  keepLast(count: number): void {
    const rows = this.#inOrder();
    this.#dropped = Math.max(0, rows.length - count);
    this.#sorted = rows.slice(this.#dropped);
  }

  get isTruncated(): boolean {
    return this.#dropped > 0;
  }

  get firstLine(): number {
    return this.#dropped + 1;
  }

  /** The evidence ids of a marked line and of those that belong to it. */
  cite(mark: string): string[] {
    let number = this.firstLine;
    const found: string[] = [];
    for (const row of this.#inOrder()) {
      const lines = row.text.split('\n').length;
      if (row.mark === mark)
        for (let line = 0; line < lines; line += 1) found.push(`${this.id}#${number + line}`);
      number += lines;
    }
    if (found.length === 0) throw new Error(`${this.id} has no line marked ${mark}`);
    return found;
  }

  lines(): WorldLine[] {
    return this.#inOrder().flatMap(({ at, text }) =>
      text.split('\n').map((line, n): WorldLine => [n === 0 ? at : null, line]),
    );
  }

  /** In the order of their times; of one time in that in which they were said. */
  #inOrder(): Row[] {
    this.#sorted ??= this.#rows.toSorted((one, other) => one.at - other.at);
    return this.#sorted;
  }
}
