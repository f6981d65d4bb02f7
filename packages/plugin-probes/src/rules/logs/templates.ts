import type { Entry, Level } from './entry.ts';

/** Entries that differ in their values only. */
export interface Template {
  /** The words that stay, `<*>` where they vary. */
  readonly tokens: string[];
  readonly first: Entry;
  last: Entry;
  count: number;
  /** The worst of its entries. */
  level: Level;
  /** When, as far as the entries say; oldest first. */
  readonly times: number[];
}

const varying = '<*>';
const mostTokens = 60;
/** What a hostile or broken log could make grow: templates of one beginning, all templates, shapes remembered. */
const mostOfOneKey = 40;
const mostTemplates = 5_000;
const mostShapes = 20_000;

/**
 * Sorts entries into templates in the way of Drain: by length, by the first words, then by how many words agree.
 * Every entry costs the same however many came before it.
 */
export class TemplateMiner {
  readonly #byKey = new Map<string, Template[]>();
  readonly #byShape = new Map<Level, Map<string, Template>>();
  #shapes = 0;
  readonly #all: Template[] = [];
  readonly #rest = new Map<Level, Template>();

  get templates(): readonly Template[] {
    return [...this.#all, ...this.#rest.values()];
  }

  /** Takes entries oldest first, and answers where this one belongs. */
  add(entry: Entry): Template {
    // Most lines differ from one before them in numbers alone: those need no words.
    const shape = entry.text.replace(/\d+/g, '0');
    const ofLevel = this.#byShape.get(entry.level);
    const known = ofLevel?.get(shape);
    if (known !== undefined) return counted(known, entry);
    const template = this.#find(entry);
    this.#remember(shape, template, entry.level);
    return template;
  }

  #remember(shape: string, template: Template, level: Level): void {
    if (this.#shapes >= mostShapes) {
      this.#byShape.clear();
      this.#shapes = 0;
    }
    const ofLevel = this.#byShape.get(level) ?? new Map<string, Template>();
    ofLevel.set(shape, template);
    this.#byShape.set(level, ofLevel);
    this.#shapes += 1;
  }

  #find(entry: Entry): Template {
    const tokens = tokensOf(entry.text);
    const key = `${entry.level} ${tokens.length} ${tokens[0] ?? ''} ${tokens[1] ?? ''}`;
    const group = this.#byKey.get(key) ?? [];
    for (const template of group) {
      if (likeness(template.tokens, tokens) < alike(tokens.length)) continue;
      for (let index = 0; index < tokens.length; index += 1) {
        if (template.tokens[index] !== tokens[index]) template.tokens[index] = varying;
      }
      return counted(template, entry);
    }
    if (group.length >= mostOfOneKey || this.#all.length >= mostTemplates) return this.#other(entry);
    const made = templateOf(tokens, entry);
    group.push(made);
    this.#byKey.set(key, group);
    this.#all.push(made);
    return made;
  }

  /** One template for all that there is no room for: counted, though not told apart. */
  #other(entry: Entry): Template {
    const known = this.#rest.get(entry.level);
    if (known !== undefined) return counted(known, entry);
    const made = templateOf([varying], entry);
    this.#rest.set(entry.level, made);
    return made;
  }
}

function templateOf(tokens: string[], entry: Entry): Template {
  const times = entry.at === null ? [] : [entry.at];
  return { tokens, first: entry, last: entry, count: 1, level: entry.level, times };
}

function counted(template: Template, entry: Entry): Template {
  template.count += 1;
  template.last = entry;
  if (entry.at !== null) template.times.push(entry.at);
  return template;
}

function tokensOf(text: string): string[] {
  const words = text.split(' ', mostTokens);
  for (let index = 0; index < words.length; index += 1) {
    if (varies(words[index] ?? '')) words[index] = varying;
  }
  return words;
}

/** Whether a word has a digit in it. This runs for every word of a log: a loop is several times as quick as a pattern. */
function varies(word: string): boolean {
  for (let index = 0; index < word.length; index += 1) {
    const code = word.charCodeAt(index);
    if (code >= zero && code <= nine) return true;
  }
  return false;
}

const zero = 48;
const nine = 57;

/** In a short text one word is the difference between two faults. */
function alike(length: number): number {
  if (length < 6) return 0.8;
  return length < 12 ? 0.7 : 0.6;
}

function likeness(one: readonly string[], other: readonly string[]): number {
  let same = 0;
  for (let index = 0; index < one.length; index += 1) if (one[index] === other[index]) same += 1;
  return one.length === 0 ? 1 : same / one.length;
}
