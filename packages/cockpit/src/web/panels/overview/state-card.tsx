import type { OperationalState, Status } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Chip } from '../../kit/chip.tsx';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count, duration, unknown } from '../../kit/format.ts';
import { StateGlyph } from '../../kit/glyphs.tsx';
import { dollars } from '../../kit/money.ts';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { Ago, Clock, For, Line, Nothing } from '../../kit/text.tsx';
import { stateLooks, toneText } from '../../kit/tone.ts';
import { useList, useView } from '../../store/use.ts';

/** What Kora is doing, why, since when, and what it may do. */
export function StateCard(): ReactNode {
  const status = useList('status');
  const state = useList('state');
  const view = useView('status');
  return (
    <Panel title="State" view={view} whenEmpty="" rows={2} bare>
      {status === null ? null : (
        <div className="flex flex-wrap items-center gap-x-12 gap-y-4 p-4 pr-16">
          <StateLine status={status} state={state} believed={view.state === 'ready'} />
          <StateFacts status={status} />
        </div>
      )}
    </Panel>
  );
}

interface StateLineProps {
  readonly status: Status;
  readonly state: OperationalState | null;
  /** False when it is only what was last known. */
  readonly believed: boolean;
}

function StateLine({ status, state, believed }: StateLineProps): ReactNode {
  const look = stateLooks[status.primaryState];
  const tone = believed ? toneText[look.tone] : 'text-stale';
  return (
    <div className="flex min-w-0 items-center gap-4">
      <span className={tone}>
        <StateGlyph state={status.primaryState} size={44} />
      </span>
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className={`text-2xl font-semibold ${tone}`}>
            {believed ? look.word : `Was ${look.word.toLowerCase()}`}
          </span>
          <span className="text-base">
            for <For since={status.since} />
          </span>
        </p>
        <p className="text-dim">
          {look.means} <Cause status={status} state={state} />
        </p>
      </div>
    </div>
  );
}

/** The typed cause of the last change into this state; the trigger's free text is never read for meaning. */
function Cause({
  status,
  state,
}: {
  readonly status: Status;
  readonly state: OperationalState | null;
}): ReactNode {
  const history = state?.transition_history ?? [];
  const last = history.reduce<(typeof history)[number] | null>(
    (a, b) => (a === null || b.n > a.n ? b : a),
    null,
  );
  if (last === null || last.to !== status.primaryState) return null;
  return (
    <span className="sm:whitespace-nowrap" title={plain(last.trigger)}>
      Since <Clock at={status.since} />: <span className="font-mono text-xs">{plain(last.cause)}</span>
    </span>
  );
}

const permissions = { normal: 'all work', critical_only: 'critical work only', none: 'nothing' } as const;

function StateFacts({ status }: { readonly status: Status }): ReactNode {
  const { chain, spend } = status;
  return (
    <div className="min-w-0">
      <Facts>
        <Fact name="May claim">
          <span className={status.claimPermission === 'normal' ? '' : 'text-paused'}>
            {permissions[status.claimPermission]}
          </span>
        </Fact>
        <Fact name="Holds">
          <HoldChips status={status} />
        </Fact>
        <Fact name="Degraded by">
          <span className="flex flex-wrap gap-1">
            {status.degradationReasons.length === 0 ? (
              <Nothing>nothing</Nothing>
            ) : (
              status.degradationReasons.map((reason) => (
                <Chip key={reason} tone="paused">
                  {reason.replaceAll('_', ' ')}
                </Chip>
              ))
            )}
          </span>
        </Fact>
        <Fact name="Spend">
          {spend === null ? (
            <span className="text-stale">{unknown}</span>
          ) : (
            `${dollars(spend.spentUsd)} of ${dollars(spend.poolUsd)}`
          )}
        </Fact>
        {spend?.ramp && (
          <Fact name="Ramp">
            <span
              className="text-paused"
              title="Claims begin one at a time, 30 s apart, after money came back"
            >
              one claim each 30 s, ends <Ago at={spend.ramp.until} />
            </span>
          </Fact>
        )}
        <Fact name="Chain">
          {chain === null ? (
            <span className="text-stale">{unknown}</span>
          ) : (
            <span title="Events that wait to be sealed">
              #{count(chain.seq)}
              {chain.unsealed > 0 ? `, ${count(chain.unsealed)} unsealed` : ''}
            </span>
          )}
        </Fact>
        <Fact name="Uptime">{duration(status.uptimeMs)}</Fact>
        <Fact name="Workspace">
          <Line>{status.workspace}</Line>
        </Fact>
      </Facts>
    </div>
  );
}

function HoldChips({ status }: { readonly status: Status }): ReactNode {
  if (status.stopLevel === 0 && status.holds.length === 0) return <Nothing>none</Nothing>;
  return (
    <span className="flex flex-wrap gap-1">
      {status.stopLevel > 0 ? <Chip tone="stopped">stop L{status.stopLevel}</Chip> : null}
      {status.holds.map((hold) => (
        <Chip key={hold.holdId} tone="paused" title={plain(hold.reason)}>
          {hold.cause}
          {hold.expiresAt === null ? null : (
            <>
              {', ends '}
              <Ago at={hold.expiresAt} />
            </>
          )}
        </Chip>
      ))}
    </span>
  );
}
