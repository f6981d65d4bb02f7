import { stopPreviewSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import type { z } from 'zod';
import { counted } from '../kit/format.ts';
import { microDollars } from '../kit/money.ts';
import { plain } from '../kit/plain.ts';
import { useDetail } from '../store/detail.ts';
import { ticketEvents } from '../store/sources.ts';
import type { StopLevel } from './stop-rules.ts';

export type StopPreview = z.infer<typeof stopPreviewSchema>;

/** What a stop of this level would do now, in the runtime's words and figures. Not known is said, never guessed. */
export function StopEffect({ level }: { readonly level: StopLevel }): ReactNode {
  const { data, view } = useDetail(`/api/stop/preview?level=${level}`, stopPreviewSchema, ticketEvents);
  if (data === null) {
    return (
      <p className="text-stale">
        {view.state === 'loading'
          ? 'Asking what it would do…'
          : 'What it would do is not known: the runtime does not say.'}
      </p>
    );
  }
  return (
    <>
      <p>{plain(data.effect)}</p>
      <p className={view.state === 'stale' ? 'text-stale' : 'text-dim'}>
        {view.state === 'stale' ? 'When it last answered: ' : ''}
        {stopRadius(data)}. {plain(data.undo)}
      </p>
    </>
  );
}

/** `releases 1 claim, cuts off 1 call (up to $0.12), 3 daemons stop`. */
export function stopRadius(preview: StopPreview): string {
  const { claimsReleased, claimsHeld, callsCancelled, daemonsStopped, endsProcess } = preview;
  const cost = callsCancelled.costMicroUsd;
  const parts = [
    claimsReleased.length > 0 ? `releases ${counted(claimsReleased.length, 'claim')}` : '',
    claimsHeld.length > 0 ? `lets ${counted(claimsHeld.length, 'ticket')} be finished` : '',
    callsCancelled.count > 0
      ? `cuts off ${counted(callsCancelled.count, 'call')} (up to ${microDollars(cost)})`
      : '',
    daemonsStopped.length > 0
      ? `${counted(daemonsStopped.length, 'daemon or task', 'daemons and tasks')} stop`
      : '',
    endsProcess ? 'ends this process' : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'Nothing is under way that it would touch' : sentence(parts.join(', '));
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
