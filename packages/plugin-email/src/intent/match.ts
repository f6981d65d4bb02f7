import { isForwarded } from '../read/own-words.ts';
import { bareSubject, learnedIn } from './learned.ts';
import type { LearnedPattern } from './learned.ts';

export type Confidence = 'high' | 'medium' | 'unrecognized';

/** What a mail wants to become, by the first pattern that fits. */
export interface Intent {
  readonly pattern: string;
  readonly confidence: Confidence;
  readonly tags: readonly string[];
  /** Of the phrase that was learned and decides. */
  readonly learned?: Pick<LearnedPattern, 'revision' | 'action'>;
}

/** What a mail is read with, beside itself. */
export interface Beside {
  readonly learned?: readonly LearnedPattern[] | undefined;
  /** It is the operator's answer to a mail that became nothing, and says to save that. */
  readonly saves?: boolean | undefined;
}

const phrases = ['save to sea_ticket', 'save as idea', 'save this', 'add to sea', 'add idea'];
const link = /\bhttps?:\/\/[^\s<>"]+/i;

/**
 * Reads subject and text, the forwarded part included; says the same of the same mail and the same phrases always. What ships
 * comes first: a phrase that was learned is heard where none of that fits, or for a ticket where there is but a guess.
 */
export function intentOf(
  subject: string,
  text: string,
  { learned = [], saves = false }: Beside = {},
): Intent {
  const shipped = shippedIn(subject, text, saves);
  if (shipped.confidence === 'high') return shipped;
  const found = learnedIn(subject, learned);
  if (found === undefined) return shipped;
  const { key, confidence, tags, revision, action } = found;
  const isSurer = confidence === 'high' && action === 'ticket';
  if (shipped.confidence === 'medium' && !isSurer) return shipped;
  return { pattern: `learned:${key}`, confidence, tags: ['email', ...tags], learned: { revision, action } };
}

function shippedIn(subject: string, text: string, saves: boolean): Intent {
  const prefix = /^\s*(idea|note|todo)\s*:\s*\S/i.exec(subject)?.[1]?.toLowerCase();
  if (prefix !== undefined)
    return { pattern: `subject_${prefix}_prefix`, confidence: 'high', tags: ['email', prefix] };
  const all = `${subject}\n${text}`.toLowerCase();
  if (all.includes('[save]'))
    return { pattern: 'explicit_save_bracket', confidence: 'high', tags: tagsOf(subject, text) };
  if (phrases.some((phrase) => new RegExp(`(?<![\\w-])${phrase}(?![\\w-])`).test(all)))
    return { pattern: 'explicit_save_phrase', confidence: 'high', tags: tagsOf(subject, text) };
  if (saves) return { pattern: 'reply_save', confidence: 'high', tags: tagsOf(subject, text) };
  if (isForwarded(subject, text)) {
    const pattern = link.test(text) ? 'fwd_with_url' : 'fwd_without_url';
    return { pattern, confidence: 'medium', tags: ['email', 'forward'] };
  }
  return { pattern: 'unrecognized', confidence: 'unrecognized', tags: [] };
}

function tagsOf(subject: string, text: string): string[] {
  return isForwarded(subject, text) ? ['email', 'forward'] : ['email', 'idea'];
}

/** The subject without Fwd and Re, else the first sentence of the text; at most 200 characters. */
export function titleOf(subject: string, text: string): string {
  const bare = bareSubject(subject);
  const sentence = /[^\s].*?(?:[.!?](?=\s|$)|$)/m.exec(text)?.[0]?.trim();
  return (bare || sentence || 'A mail without a subject').slice(0, 200).toWellFormed();
}
