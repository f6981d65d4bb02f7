import { approvalSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Fact, Facts } from '../../kit/facts.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Ago, Code, Line, Prose } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import { approvalEvents } from '../../store/sources.ts';
import { ApprovalActs } from './approval-acts.tsx';

/** One call that waited for the operator's word: what was asked and what was said. */
export function ApprovalPage({ id }: { readonly id: string }): ReactNode {
  const { data, view } = useDetail(
    `/api/approvals/${encodeURIComponent(id)}`,
    approvalSchema,
    approvalEvents,
  );
  return (
    <Page
      title={`Approval #${id}`}
      tools={data?.status === 'pending' ? <ApprovalActs approval={data} /> : undefined}
    >
      <Panel title="The call" view={view} whenEmpty="">
        {data === null ? null : (
          <div className="space-y-3 p-3">
            <Facts>
              <Fact name="Status">{data.status}</Fact>
              <Fact name="What">
                <Code>{data.what}</Code>
              </Fact>
              <Fact name="Capability">
                <Code>{data.capability}</Code>
              </Fact>
              <Fact name="Asked by">
                <Line>{data.caller}</Line>
              </Fact>
              <Fact name="Call">
                <Code>{data.callId}</Code>
              </Fact>
              <Fact name="Ticket">
                {data.ticketId === null ? (
                  'none'
                ) : (
                  <Link href={`/tickets/${data.ticketId}`} className="underline">
                    #{data.ticketId}
                  </Link>
                )}
              </Fact>
              <Fact name="Asked">
                <Ago at={data.requestedAt} />
              </Fact>
              <Fact name="Expires">
                <Ago at={data.expiresAt} />
              </Fact>
              {data.decidedAt === null ? null : (
                <Fact name="Decided">
                  <Ago at={data.decidedAt} /> by <Line>{data.decidedBy}</Line>
                </Fact>
              )}
              {data.usedAt === null ? null : (
                <Fact name="Used">
                  <Ago at={data.usedAt} />
                </Fact>
              )}
              <Fact name="Arguments">
                <Code className="wrap-anywhere">{`sha256 ${data.argumentsHash}`}</Code>
              </Fact>
            </Facts>
            <Prose>{data.reason ?? 'It gave no reason.'}</Prose>
            {data.decisionReason === null ? null : <Prose>{`Answered: ${data.decisionReason}`}</Prose>}
          </div>
        )}
      </Panel>
    </Page>
  );
}
