import type { MessageRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Clock, Line, Prose } from '../../kit/text.tsx';
import { toldHref } from './message-href.ts';

/** One message as the operator was told it. */
export function MessageItem({ message }: { readonly message: MessageRow }): ReactNode {
  return (
    <li className="space-y-1.5 border-b border-line px-3 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Mark look={lookOf('severity', message.severity)} />
        <Link href={toldHref(message.messageId)} className="min-w-0 font-semibold hover:underline">
          <Line>{message.title}</Line>
        </Link>
        <Clock at={message.createdAt} className="ml-auto text-dim" />
      </div>
      <Prose>{message.body}</Prose>
      <div className="flex flex-wrap items-center gap-x-3 text-xs text-dim">
        <Mark look={lookOf('delivery', message.status)} />
        <Line>{`by ${message.channel}, from ${message.source.replaceAll('_', ' ')}`}</Line>
        {message.attempts > 1 ? <span>{message.attempts} attempts</span> : null}
        {message.error === null ? null : <Line className="text-stopped">{message.error}</Line>}
      </div>
    </li>
  );
}
