import type { IntentConfig } from '../config.ts';
import type { NewInbound } from '@kora/runtime/plugin';
import { intentOf, titleOf } from './match.ts';
import type { Beside, Intent } from './match.ts';

export type IntentAction = 'created' | 'logged_only' | 'dry_run' | 'cap_exceeded';

export interface Decided {
  readonly action: IntentAction;
  readonly intent: Intent;
  readonly reason: string | null;
  readonly title: string | null;
  readonly ticket?: NonNullable<NewInbound['ticket']>;
}

interface Letter {
  readonly messageId: string;
  readonly from: string;
  readonly subject: string;
  /** The whole text, what was forwarded included. */
  readonly text: string;
}

const longestText = 8_192;

/**
 * Whether the mail becomes a ticket. `inLastHour` is how many did in the hour before. The key is the Message-ID: a mail
 * that comes twice is one ticket.
 */
export function decideIntent(
  letter: Letter,
  config: IntentConfig,
  inLastHour: number,
  beside: Beside = {},
): Decided {
  const intent = intentOf(letter.subject, letter.text, beside);
  const told = { intent, reason: null, title: null };
  if (intent.confidence === 'unrecognized')
    return { ...told, action: 'logged_only', reason: 'no_pattern_matched' };
  if (intent.learned?.action === 'log_only')
    return { ...told, action: 'logged_only', reason: 'learned_log_only' };
  if (intent.confidence === 'medium' && config.minConfidence === 'high')
    return { ...told, action: 'logged_only', reason: `below_floor_${config.minConfidence}` };
  const title = titleOf(letter.subject, letter.text);
  if (config.dryRun) return { ...told, action: 'dry_run', title };
  if (config.hourlyCap > 0 && inLastHour >= config.hourlyCap)
    return { ...told, action: 'cap_exceeded', title, reason: `hourly_cap_${config.hourlyCap}` };
  const ticket = {
    kind: config.kind,
    title,
    payload: {
      source: 'email',
      provenance: `Mail from ${letter.from}, Message-ID ${letter.messageId}`,
      text: letter.text.slice(0, longestText).toWellFormed(),
      pattern: intent.pattern,
    },
    key: letter.messageId.slice(0, 300),
    tags: [...intent.tags],
    // What is saved by mail is mostly what others wrote.
    trusted: false,
  };
  return { ...told, action: 'created', title, ticket };
}
