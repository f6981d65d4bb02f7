import { isForwarded } from '../read/own-words.ts';

export type Confidence = 'high' | 'medium' | 'unrecognized';

/** What a mail wants to become, by the first pattern that fits. */
export interface Intent {
  readonly pattern: string;
  readonly confidence: Confidence;
  readonly tags: readonly string[];
}

const phrases = ['save to sea_ticket', 'save as idea', 'save this', 'add to sea', 'add idea'];
const link = /\bhttps?:\/\/[^\s<>"]+/i;

/** Reads subject and text, the forwarded part included; says the same of the same mail always. */
export function intentOf(subject: string, text: string): Intent {
  const prefix = /^\s*(idea|note|todo)\s*:\s*\S/i.exec(subject)?.[1]?.toLowerCase();
  if (prefix !== undefined)
    return { pattern: `subject_${prefix}_prefix`, confidence: 'high', tags: ['email', prefix] };
  const all = `${subject}\n${text}`.toLowerCase();
  if (all.includes('[save]'))
    return { pattern: 'explicit_save_bracket', confidence: 'high', tags: tagsOf(subject, text) };
  if (phrases.some((phrase) => new RegExp(`(?<![\\w-])${phrase}(?![\\w-])`).test(all)))
    return { pattern: 'explicit_save_phrase', confidence: 'high', tags: tagsOf(subject, text) };
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
  const bare = subject.replace(/^(?:\s*(?:fwd?|wg|re|aw)\s*:)+/i, '').trim();
  const sentence = /[^\s].*?(?:[.!?](?=\s|$)|$)/m.exec(text)?.[0]?.trim();
  return (bare || sentence || 'A mail without a subject').slice(0, 200).toWellFormed();
}
