import type { OutboundMessage } from '@kora/runtime/plugin';
import type { KnownBlock } from '@slack/web-api';
import { cut, escaped, pieces, whole } from './text.ts';

/** Of one section, by Slack's own bound. */
const sectionText = 3_000;
const headerText = 150;
const buttonText = 75;
/** What a notification and a screen reader are given. */
const fallbackText = 3_000;

export const decisionBlock = 'kora_decision';
/** Goes with the buttons. */
export const questionBlock = 'kora_question';
export const outcomeBlock = 'kora_outcome';
export const actions: Readonly<Record<string, 'approve' | 'deny'>> = {
  kora_approve: 'approve',
  kora_deny: 'deny',
};

const marks = { critical: '🔴', warning: '🟠', info: '🔵' } as const;

export interface Written {
  /** For notifications, and where the blocks cannot be shown. */
  readonly text: string;
  readonly blocks: KnownBlock[];
  /** What did not fit into it, in messages that stand under it. */
  readonly rest: readonly Omit<Written, 'rest'>[];
}

/** A message as Slack shows it. An answer to what the operator wrote stands there as speech, without a head. */
export function written(message: OutboundMessage, longestText: number): Written {
  const { title, body, severity, source, decision, inReplyTo } = message;
  const isSpeech = inReplyTo !== undefined && body.trim() !== '';
  const head = isSpeech ? '' : `${marks[severity]} ${title}`;
  const code = decision === undefined ? '' : `approve ${decision.code} / deny ${decision.code}`;
  const words = cut(body, fallbackText - head.length - code.length);
  const text = [head, words, code].filter((part) => part.trim() !== '').join('\n');
  // Cut as Slack counts: by what its markup makes of it.
  const [first = '', ...rest] = pieces(escaped(body), longestText);
  return {
    text: escaped(text),
    blocks: [
      ...(isSpeech
        ? []
        : [headOf(head), contextOf(`${severity} · ${escaped(source)} · ${message.messageId}`)]),
      ...sectionsOf(first),
      ...(decision === undefined ? [] : buttonsOf(decision, title)),
    ],
    rest: rest.map((part) => ({ text: cut(part, fallbackText), blocks: sectionsOf(part) })),
  };
}

/** A line beside a message, bounded as Slack bounds one whatever markup makes of it. */
export function lineOf(text: string): string {
  return escaped(whole(text.slice(0, 390)));
}

export function contextOf(text: string, blockId?: string): KnownBlock {
  return {
    type: 'context',
    ...(blockId === undefined ? {} : { block_id: blockId }),
    elements: [{ type: 'mrkdwn', text, verbatim: true }],
  };
}

function headOf(text: string): KnownBlock {
  const fits = text.length <= headerText ? text : `${whole(text.slice(0, headerText - 1))}…`;
  return { type: 'header', text: { type: 'plain_text', text: fits, emoji: false } };
}

function sectionsOf(text: string): KnownBlock[] {
  return pieces(text, sectionText).map(sectionOf);
}

/** `verbatim`: what looks like a name or an address stays the text that it is. */
function sectionOf(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

function buttonsOf(
  {
    code,
    expiresAt,
    question = '',
    labels = { approve: 'Approve', deny: 'Deny' },
  }: NonNullable<OutboundMessage['decision']>,
  title: string,
): KnownBlock[] {
  const label = (text: string): { type: 'plain_text'; text: string } => ({
    type: 'plain_text',
    text: whole(text.slice(0, buttonText)),
  });
  const asks = question.trim() === '' || question === title ? [] : [questionOf(question)];
  return [
    ...asks,
    {
      type: 'actions',
      block_id: decisionBlock,
      elements: [
        {
          type: 'button',
          action_id: 'kora_approve',
          style: 'primary',
          text: label(labels.approve),
          value: code,
        },
        { type: 'button', action_id: 'kora_deny', style: 'danger', text: label(labels.deny), value: code },
      ],
    },
    contextOf(
      `or write \`approve ${escaped(code)}\` or \`deny ${escaped(code)}\`, ${untilWords(expiresAt)}`,
      'kora_decision_words',
    ),
  ];
}

/** What pressing means, where the message does not say it. */
function questionOf(question: string): KnownBlock {
  return contextOf(lineOf(question), questionBlock);
}

/** Slack shows it in the reader's own time. */
function untilWords(expiresAt: string): string {
  const seconds = Math.floor(Date.parse(expiresAt) / 1_000);
  return Number.isNaN(seconds)
    ? 'in time'
    : `until <!date^${seconds}^{date_short_pretty} {time}|${escaped(expiresAt)}>`;
}
