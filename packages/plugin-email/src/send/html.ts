import type { OutboundMessage } from '@kora/runtime/plugin';

interface Page {
  readonly message: Pick<OutboundMessage, 'title' | 'severity' | 'decision'>;
  readonly text: string;
  readonly address: string;
}

type Decision = NonNullable<OutboundMessage['decision']>;

/** What is asked, where the message's own title does not ask it. */
export function questionOf({ question = '' }: Decision, title: string): readonly string[] {
  return question.trim() === '' || question === title ? [] : [question.replaceAll(/\s+/g, ' ').trim()];
}

/** The text once more for programs that show HTML: escaped, no picture, no script, nothing fetched. */
export function htmlOf({ message, text, address }: Page): string {
  const paragraphs = text
    .split(/\n{2,}/)
    .filter((part) => part.trim() !== '')
    .map((part) => `<p>${escaped(part.trim()).replaceAll('\n', '<br>')}</p>`);
  const { decision } = message;
  const buttons =
    decision === undefined
      ? []
      : [
          ...questionOf(decision, message.title).map((question) => `<p>${escaped(question)}</p>`),
          `<p>${(['approve', 'deny'] as const).map((verdict) => link(address, verdict, decision)).join(' &nbsp; ')}</p>`,
          `<p>or answer with the line <code>approve ${escaped(decision.code)}</code> or <code>deny ${escaped(decision.code)}</code>, until ${escaped(decision.expiresAt)}.</p>`,
        ];
  const body = [`<h3>${escaped(message.title)}</h3>`, ...paragraphs, ...buttons].join('\n');
  return `<!doctype html>\n<html><head><meta charset="utf-8"></head>\n<body>\n${body}\n</body></html>\n`;
}

/** Opens a mail that only has to be sent: it is the operator's mail program that proves who it was. */
function link(address: string, verdict: 'approve' | 'deny', { code, labels }: Decision): string {
  const words = `${verdict} ${code}`;
  const href = `mailto:${encodeURIComponent(address)}?subject=${encodeURIComponent(words)}&body=${encodeURIComponent(words)}`;
  return `<a href="${escaped(href)}"><b>${escaped(labels?.[verdict] ?? verdict)}</b></a>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
