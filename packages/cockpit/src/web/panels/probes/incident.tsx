import type { IncidentRow } from '@kora/runtime/client';
import { incidentSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Ago, Code, Line, Prose } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import { probeEvents } from '../../store/sources.ts';
import { useList, useServerNow } from '../../store/use.ts';
import { Answers } from './answers.tsx';
import { IncidentStory } from './story.tsx';
import { troubleOfIncident } from './trouble.ts';

/** One incident: how it stands, what may be said of it, and its story. */
export function IncidentPage({ id }: { readonly id: string }): ReactNode {
  const { data, view } = useDetail(`/api/incidents/${encodeURIComponent(id)}`, incidentSchema, probeEvents);
  const now = useServerNow();
  return (
    <Page
      title={data === null ? `Incident #${id}` : data.title}
      tools={<Code className="text-dim">{`#${id}`}</Code>}
    >
      <Panel
        title="Facts"
        view={view}
        whenEmpty=""
        tools={data === null ? null : <Answers trouble={troubleOfIncident(data, now)} />}
      >
        {data === null ? null : <IncidentFacts incident={data} />}
      </Panel>
      {data === null ? null : <IncidentStory id={id} />}
    </Page>
  );
}

function IncidentFacts({ incident }: { readonly incident: IncidentRow }): ReactNode {
  const lookedAt = useList('probes')?.find(({ name }) => name === incident.probe)?.checkedAt ?? null;
  return (
    <div className="space-y-3 p-3">
      <Facts>
        <Fact name="Status">
          <Mark look={lookOf('incident', incident.status)} />
        </Fact>
        <Fact name="Severity">
          <Mark look={lookOf('severity', incident.severity)} />
        </Fact>
        <Fact name="Probe">
          <Link href={`/probes/${encodeURIComponent(incident.probe)}`} className="text-active underline">
            <Line>{incident.probe}</Line>
          </Link>
        </Fact>
        <Fact name="Target">
          <Line>{incident.target}</Line>
        </Fact>
        <Fact name="Category">
          <Line>{incident.category.replaceAll('_', ' ')}</Line>
        </Fact>
        <Fact name="Failing since">
          <Ago at={incident.failingSince} />
        </Fact>
        <Fact name="Last good">
          <Ago at={incident.lastGoodAt} />
        </Fact>
        {incident.status === 'open' ? (
          <Fact name="Last look">
            <Ago at={lookedAt} />
          </Fact>
        ) : null}
        <Fact name="Failures">{count(incident.failures)}</Fact>
        <Fact name="Acknowledged">
          {incident.acknowledgedAt === null ? (
            'no'
          ) : (
            <>
              <Ago at={incident.acknowledgedAt} />
              {typeof incident.acknowledgedBy === 'string' ? (
                <>
                  {' by '}
                  <Line>{incident.acknowledgedBy}</Line>
                </>
              ) : null}
              {typeof incident.acknowledgeReason === 'string' ? (
                <>
                  {': '}
                  <Line>{incident.acknowledgeReason}</Line>
                </>
              ) : null}
            </>
          )}
        </Fact>
        <Standing incident={incident} />
        {incident.resolvedAt === null ? null : (
          <Fact name="Resolved">
            <Ago at={incident.resolvedAt} />
            {incident.endedBy === 'probe removed' ? ', its probe was removed' : null}
            {incident.endedBy === 'probe unconfigured' ? ', its probe could look no longer' : null}
          </Fact>
        )}
        <Fact name="Wake">
          <Link href={`/wakes/${encodeURIComponent(incident.wakeId)}`} className="text-active underline">
            its four steps
          </Link>
        </Fact>
        <Fact name="Ticket">
          {incident.ticketId === null ? (
            'none'
          ) : (
            <Link href={`/tickets/${incident.ticketId}`} className="text-active underline">
              #{incident.ticketId}
            </Link>
          )}
        </Fact>
      </Facts>
      <Prose>{incident.detail}</Prose>
    </div>
  );
}

/** What explains it, whether it goes back and forth, and until when nothing but its end is told. */
function Standing({ incident }: { readonly incident: IncidentRow }): ReactNode {
  const { causedBy, consequenceOf, flappingSince, silencedUntil, silenceReason } = incident;
  return (
    <>
      {typeof causedBy !== 'string' ? null : (
        <Fact name="Because of">
          <Link
            href={
              typeof consequenceOf === 'number'
                ? `/incidents/${consequenceOf}`
                : `/probes/${encodeURIComponent(causedBy)}`
            }
            className="text-active underline"
          >
            <Line>{causedBy}</Line>
          </Link>
        </Fact>
      )}
      {typeof flappingSince !== 'string' ? null : (
        <Fact name="Flapping">
          <Ago at={flappingSince} />
        </Fact>
      )}
      {typeof silencedUntil !== 'string' ? null : (
        <Fact name="Quiet until">
          <Ago at={silencedUntil} /> <Line className="text-dim">{silenceReason ?? ''}</Line>
        </Fact>
      )}
    </>
  );
}
