import { quoteUntrusted } from '@kora/runtime/plugin';
import type { EngineRequest, Quoted, Turn } from '@kora/runtime/plugin';
import { template } from './templates.ts';
import { bytesOf, headOf, tokensAtMost } from './tokens.ts';

/** What is sent: `system` stays the same from question to question, so that a provider can keep it. */
export interface Prompt {
  readonly system: string;
  readonly messages: readonly Spoken[];
  /** What did not fit, in words. */
  readonly dropped: readonly string[];
}

interface Spoken {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface Room {
  /** Bytes that prompt and tools may have together. */
  readonly bytes: number;
  /** The question as it is asked, without what was said to the router. */
  readonly text: string;
}

/** Less than this of a quoted text is not worth its marks. */
const leastQuoted = 200;
const leastQuestion = 1_000;
const mostTold = 20;
const notInALabel = /[^\p{L}\p{N} ._:@/-]/gu;

/**
 * Puts a question together, and leaves out what does not fit: the oldest turns first, then the ends of what is quoted, the
 * snapshot, and last the end of the question itself. What was left out is said to the model and in the answer.
 */
export function assemble(request: EngineRequest, { bytes, text }: Room): Prompt {
  const system = systemOf(request);
  const fixed = tokensAtMost([system, ...request.tools, '']);
  const room = new Bytes(bytes - fixed);
  const question = room.take(text, 'question');
  const situation = room.whole(situationOf(request), 'the snapshot') ?? template('noSituation');
  const quoted = room.quoted(request.quoted);
  const turns = room.turns(request.turns);
  const dropped = bounded(room.dropped);
  const parts = [
    `${template('state')}: ${request.primaryState}; rung of spend: ${request.rung}.`,
    situation,
    ...(quoted.length === 0 ? [] : [template('quoted'), ...quoted]),
    ...(dropped.length === 0 ? [] : [`${template('dropped')}: ${dropped.join(', ')}.`]),
    ...(request.verdict ? [template('verdict')] : []),
    question,
  ];
  return { system, messages: joined([...turns, { role: 'user', text: parts.join('\n\n') }]), dropped };
}

function systemOf({ identity: { systemPrompt, soulMd } }: EngineRequest): string {
  return [systemPrompt, `${template('soul')}\n\n${soulMd}`, template('rules')].join('\n\n');
}

function situationOf({ snapshot }: EngineRequest): string {
  if (snapshot === null) return template('noSituation');
  // The names in it come from configurations and the answers of services.
  return `${template('situation')}:\n${quoteUntrusted('snapshot', JSON.stringify(snapshot))}`;
}

/** A source is whatever somebody called it, and here it stands outside of any quotation: one line, as its label has it. */
function named(source: string): string {
  return source.replaceAll(notInALabel, '_').slice(0, 80).toWellFormed();
}

/** Told in full as far as anybody reads it. */
function bounded(dropped: readonly string[]): readonly string[] {
  const more = dropped.length - mostTold;
  return more <= 0 ? dropped : [...dropped.slice(0, mostTold), `${more} more`];
}

interface Said {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** Providers want turns that alternate and begin with the question. */
function joined(said: readonly Said[]): Spoken[] {
  const messages: { role: Said['role']; content: string }[] = [];
  for (const { role, text } of said) {
    const last = messages.at(-1);
    if (last === undefined && role === 'assistant') continue;
    if (last?.role === role) last.content = `${last.content}\n\n${text}`;
    else messages.push({ role, content: text });
  }
  return messages;
}

/** What is left of the room, and what was left out for want of it. */
class Bytes {
  readonly dropped: string[] = [];
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** There is always some room for it: without the question there is nothing to answer. */
  take(text: string, what: string): string {
    const room = Math.max(this.#left, leastQuestion);
    if (bytesOf(text) <= room) return this.#spend(text);
    this.dropped.push(`the end of the ${what}`);
    return this.#spend(`${headOf(text, room - bytesOf(template('cutEnd')))}\n${template('cutEnd')}`);
  }

  whole(text: string, what: string): string | undefined {
    if (bytesOf(text) <= this.#left) return this.#spend(text);
    this.dropped.push(what);
    return undefined;
  }

  /** The first of them come whole if they can: whoever asks puts first what matters. */
  quoted(quoted: readonly Quoted[]): string[] {
    return quoted.flatMap(({ source, text, evidenceId }) => {
      const cite = evidenceId === undefined ? '' : `\n[${template('evidence')}: ${evidenceId}]`;
      const quote = (shown: string): string => `${quoteUntrusted(source, shown)}${cite}`;
      const whole = quote(text);
      if (bytesOf(whole) <= this.#left) return [this.#spend(whole)];
      const marks = bytesOf(quote(template('cutEnd'))) + 1;
      const bytes = this.#left - marks;
      if (bytes < leastQuoted) {
        this.dropped.push(`all of ${named(source)}`);
        return [];
      }
      const head = headOf(text, bytes);
      this.dropped.push(`${bytesOf(text) - bytesOf(head)} of ${bytesOf(text)} bytes of ${named(source)}`);
      return [this.#spend(quote(`${head}\n${template('cutEnd')}`))];
    });
  }

  /** As many of the newest as fit. */
  turns(turns: readonly Turn[]): Said[] {
    const kept: Said[] = [];
    for (const { direction, text } of turns.toReversed()) {
      if (bytesOf(text) + 32 > this.#left) break;
      this.#left -= 32;
      kept.unshift({ role: direction === 'inbound' ? 'user' : 'assistant', text: this.#spend(text) });
    }
    const dropped = turns.length - kept.length;
    if (dropped > 0) this.dropped.unshift(dropped === 1 ? '1 turn' : `${dropped} turns`);
    return kept;
  }

  #spend(text: string): string {
    this.#left -= bytesOf(text);
    return text;
  }
}
