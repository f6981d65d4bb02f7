import { type OperationalState, operationalStateSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Fact, Facts } from '../../kit/facts.tsx';
import { StateGlyph } from '../../kit/glyphs.tsx';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { Clock, Code, Line, Nothing } from '../../kit/text.tsx';
import { stateLooks, toneText } from '../../kit/tone.ts';
import { useDetail } from '../../store/detail.ts';

/** And with each heartbeat: a ticket laid down in a pause is no change of the state, and changes what may come next. */
const stirs: readonly string[] = ['kora.operational_state.', 'kora.hold.', 'kora.control.'];

type StateName = OperationalState['primaryState'];

/** What led here, and what may come next: each other state with the causes that lead to it, or with what is in its way. */
export function FromHere(): ReactNode {
  const { data: state, view } = useDetail('/api/operational-state', operationalStateSchema, stirs, true);
  return (
    <Panel title="From here" view={view} whenEmpty="" rows={4}>
      {state === null ? null : (
        <div className="grid items-start gap-4 p-3 md:grid-cols-2">
          <Led state={state} />
          <ul aria-label="Other states" className="space-y-2">
            {nextOf(state).map(({ name, causes }) => (
              <li key={name} className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
                <StateWord name={name} />
                {causes.map(({ cause, trigger }) => (
                  <span key={cause} title={plain(trigger)}>
                    <Code>{cause}</Code>
                  </span>
                ))}
              </li>
            ))}
            {state.barred_next_states.map(({ to_state: name, reason }) => (
              <li
                key={name}
                aria-disabled="true"
                className="flex flex-wrap items-baseline gap-x-3 gap-y-1 text-dim"
              >
                <StateWord name={name} barred />
                <span>not from here: {plain(reason)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Panel>
  );
}

/** How it came to be as it is, field by field. */
function Led({ state }: { readonly state: OperationalState }): ReactNode {
  const last = state.transition_history.toSorted((a, b) => b.n - a.n)[0];
  return (
    <Facts>
      <Fact name="State">
        <StateWord name={state.primaryState} />
      </Fact>
      <Fact name="Since">
        <Clock at={state.since} />
      </Fact>
      {last === undefined ? null : (
        <>
          <Fact name="Cause">
            <Code>{last.cause}</Code>
          </Fact>
          <Fact name="Trigger">
            <Line>{last.trigger}</Line>
          </Fact>
          {last.note === null ? null : (
            <Fact name="Note">
              <Line>{last.note}</Line>
            </Fact>
          )}
        </>
      )}
      <Fact name="Claims">{state.claimPermission.replaceAll('_', ' ')}</Fact>
      <Fact name="Stop level">{state.stopLevel === 0 ? <Nothing>none</Nothing> : `L${state.stopLevel}`}</Fact>
      <Fact name="Holds">
        {state.holds.length === 0 ? (
          <Nothing>none</Nothing>
        ) : (
          state.holds.map(({ cause }) => cause).join(', ')
        )}
      </Fact>
      <Fact name="Degraded by">
        {state.degradationReasons.length === 0 ? (
          <Nothing>nothing</Nothing>
        ) : (
          state.degradationReasons.map((reason) => reason.replaceAll('_', ' ')).join(', ')
        )}
      </Fact>
      {state.stopped_reason === null ? null : (
        <Fact name="Stopped by">
          <Line>{state.stopped_reason}</Line>
        </Fact>
      )}
    </Facts>
  );
}

function StateWord({
  name,
  barred = false,
}: {
  readonly name: StateName;
  readonly barred?: boolean;
}): ReactNode {
  const look = stateLooks[name];
  return (
    <span className={`flex w-24 items-center gap-2 ${barred ? 'text-dim' : toneText[look.tone]}`}>
      <StateGlyph state={name} size={14} />
      {look.word}
    </span>
  );
}

interface Next {
  readonly name: StateName;
  readonly causes: readonly { readonly cause: string; readonly trigger: string }[];
}

/** The states that a single cause leads to, each once with all of its causes. */
export function nextOf({ valid_next_states: edges }: Pick<OperationalState, 'valid_next_states'>): Next[] {
  return [...Map.groupBy(edges, ({ to_state: name }) => name)].map(([name, causes]) => ({ name, causes }));
}
