import { writeFileSync } from 'node:fs';
import type { Ended } from '../harness/child.ts';

/** What is the machine's own and says nothing to a reader, with what stands in its place. */
export type Masks = readonly (readonly [what: string | RegExp, instead: string])[];

/** A run as it happened: what was typed, what was printed, how long it took. */
export class Transcript {
  readonly #parts: string[] = [];
  readonly #masks: Masks;
  #open = false;
  #commands = 0;

  constructor(masks: Masks) {
    this.#masks = masks;
  }

  /** How many commands were typed; leaving one's own with Ctrl-C is not counted. */
  get commands(): number {
    return this.#commands;
  }

  heading(text: string): void {
    this.#close();
    this.#put(`\n## ${text}\n`);
    process.stdout.write(`\n== ${text}\n`);
  }

  say(text: string): void {
    this.#close();
    this.#put(`\n${text}\n`);
    process.stdout.write(`${text}\n`);
  }

  /** `code` is null while it goes on. */
  typed(command: string, { code, stdout }: Pick<Ended, 'code' | 'stdout'>, seconds: number): void {
    if (!this.#open) this.#put('\n```console');
    this.#open = true;
    if (command !== '^C') this.#commands += command.split(' && ').length;
    const said = this.#masked(stdout).trimEnd();
    const end = code === null || code === 0 ? '' : `  (exit ${code})`;
    const text = `$ ${this.#masked(command)}   # ${seconds.toFixed(1)} s${end}${said === '' ? '' : `\n${said}`}`;
    this.#put(text);
    process.stdout.write(`${text}\n`);
  }

  write(file: string, introduction: string): void {
    this.#close();
    const text = `${introduction.trim()}\n${this.#parts.join('\n')}\n`;
    writeFileSync(file, text.replaceAll(/\n{3,}(?=##|```console|\|)/g, '\n\n'));
  }

  #put(text: string): void {
    this.#parts.push(text);
  }

  #close(): void {
    if (this.#open) this.#put('```');
    this.#open = false;
  }

  #masked(text: string): string {
    const plain = withoutCursor(text)
      .split('\n')
      // What is written over is not there any more; a terminal shows the last.
      .map((line) => line.slice(line.lastIndexOf('\r', line.length - 2) + 1).replace('\r', ''))
      .filter((line) => !line.startsWith('Progress: '))
      .join('\n');
    return this.#masks.reduce((masked, [what, instead]) => masked.replaceAll(global(what), instead), plain);
  }
}

function global(what: string | RegExp): string | RegExp {
  return typeof what === 'string' || what.flags.includes('g')
    ? what
    : new RegExp(what.source, `${what.flags}g`);
}

/** Colours go; a cursor that is sent back to the start of its line is a carriage return. */
function withoutCursor(text: string): string {
  const escape = String.fromCodePoint(27);
  return text
    .replaceAll(new RegExp(`${escape}\\[[0-9]*[DG]`, 'g'), '\r')
    .replaceAll(new RegExp(`${escape}\\[[0-9;?]*[A-Za-z]`, 'g'), '');
}
