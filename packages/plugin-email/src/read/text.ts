import type { Email } from 'postal-mime';
import { textOfHtml } from './html.ts';
import { aboveForwarded, isForwarded, ownWords } from './own-words.ts';

export interface Words {
  /** What was written now; what a conversation is about. */
  readonly text: string;
  /** Everything, what was forwarded included. */
  readonly whole: string;
  readonly subject: string;
  readonly forwarded: boolean;
  /** The sender's own words about what they forwarded, to be read where that becomes no ticket. */
  readonly about: string;
}

/** How a line begins by which the operator decides or says that something is known. */
const decides = /^\s*(?:approve|deny|ack)\b/i;
const longest = 100_000;
/** Of a longer mail the rest is not looked at, not even for what it quotes. */
const longestRead = 400_000;

/** The words of a mail; of one that has HTML alone, the text of that. */
export function wordsOf(email: Email): Words {
  const subject = oneLine((email.subject ?? '').slice(0, 2_000))
    .slice(0, 500)
    .toWellFormed();
  const plain = (email.text?.trim() ? email.text : textOfHtml(email.html ?? '')).slice(0, longestRead);
  const whole = plain.replaceAll('\r\n', '\n').replaceAll('\0', '').trim();
  const forwarded = isForwarded(subject, whole);
  const own = forwarded ? whole : ownWords(whole);
  // Some programs answer without saying what.
  const answers = (email.inReplyTo ?? '') !== '' || /^\s*(?:re|aw|sv|antw)\s*:/i.test(subject);
  // The first line decides: a subject above it would hide what the operator says.
  const parts = answers || decides.test(own) ? [own] : [subject, own];
  return {
    text: parts
      .filter((part) => part !== '')
      .join('\n\n')
      .slice(0, longest),
    whole: whole.slice(0, longest).toWellFormed(),
    subject,
    forwarded,
    about: forwarded ? aboutOf(whole) : '',
  };
}

/** Also the subject of a forwarded mail is somebody else's. */
function aboutOf(whole: string): string {
  const note = '(A mail was forwarded with it. It was not read, as it becomes no ticket.)';
  return `${aboveForwarded(whole)}\n\n${note}`.trim().slice(-longest);
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
}
