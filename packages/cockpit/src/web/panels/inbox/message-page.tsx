import { messageStorySchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { z } from 'zod';
import { Chip } from '../../kit/chip.tsx';
import { Fact, Facts } from '../../kit/facts.tsx';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { Ago, Clock, Code, Due, Line, Prose } from '../../kit/text.tsx';
import { type Tone, toneText } from '../../kit/tone.ts';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import { emptied } from '../../store/view.ts';
import { QuarantineActs, statusTone, titleOf } from './log-item.tsx';
import { aboutHref } from './message-href.ts';
import { messageEvents } from './message-log.tsx';

type Story = z.infer<typeof messageStorySchema>;
type Step = NonNullable<Story['steps']>[number];

/** One message: what it says, each try to tell it, what it answers and what it is about. */
export function MessagePage({ id }: { readonly id: string }): ReactNode {
  const path = `/api/message-log/${encodeURIComponent(id)}`;
  const { data, view } = useDetail(path, messageStorySchema, messageEvents, true);
  return (
    <Page
      title={data === null ? `Message ${id}` : titleOf(data.message)}
      tools={<Code className="text-dim">{id}</Code>}
    >
      <Panel
        title="Message"
        view={view}
        whenEmpty=""
        tools={data === null ? null : <Standing story={data} />}
      >
        {data === null ? null : <Said story={data} />}
      </Panel>
      {data === null || data.message.status === 'refused' ? null : <Tries story={data} view={view} />}
    </Page>
  );
}

function Standing({ story: { message } }: { readonly story: Story }): ReactNode {
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Chip>{plain(message.channel)}</Chip>
      <span className={toneText[statusTone(message.status)]}>{plain(message.status)}</span>
      {message.inboundId !== null && message.status === 'quarantined' ? (
        <QuarantineActs inboundId={message.inboundId} />
      ) : null}
    </span>
  );
}

function Said({ story }: { readonly story: Story }): ReactNode {
  const { message, told, came } = story;
  return (
    <div className="space-y-3 p-3">
      {message.text === '' ? (
        <p className="text-dim">No text of it is kept.</p>
      ) : (
        <Prose>{message.text}</Prose>
      )}
      {message.reason === null ? null : <p className="wrap-anywhere text-paused">{plain(message.reason)}</p>}
      <Facts>
        <Fact name={message.direction === 'in' ? 'Came' : 'Accepted'}>
          <Clock at={message.at} /> <Ago at={message.at} className="text-dim" />
        </Fact>
        {message.who === null ? null : (
          <Fact name="From">
            <Line>{message.who}</Line>
            {message.trusted === false ? ' (who wrote it was not made sure of)' : null}
          </Fact>
        )}
        {told === null ? null : <Told told={told} />}
        {came === null ? null : <Came came={came} />}
        <About story={story} />
        {message.seq === null ? null : (
          <Fact name="Event">
            <To href={`/events?seq=${message.seq}`}>{`#${message.seq}`}</To>
          </Fact>
        )}
      </Facts>
    </div>
  );
}

function Told({ told }: { readonly told: NonNullable<Story['told']> }): ReactNode {
  return (
    <>
      <Fact name="Severity">
        <Mark look={lookOf('severity', told.severity)} />
      </Fact>
      <Fact name="Said by">
        <Line>{told.source.replaceAll('_', ' ')}</Line>
      </Fact>
      <Fact name="Thread">
        <To href={`/inbox?thread=${encodeURIComponent(told.thread)}`}>{told.thread}</To>
      </Fact>
      {told.deliveredAt === null ? null : (
        <Fact name="Told">
          <Ago at={told.deliveredAt} />
        </Fact>
      )}
      {told.receipt === null ? null : (
        <Fact name="Receipt">
          <Code>{told.receipt}</Code>
        </Fact>
      )}
      {told.nextTryAt === null ? null : (
        <Fact name="Next try">
          <Due at={told.nextTryAt} late={false} />
        </Fact>
      )}
      {told.fallback.length === 0 ? null : (
        <Fact name="Goes on to">
          <Line>{told.fallback.join(', then ')}</Line>
        </Fact>
      )}
      {told.carriedBy === null ? null : (
        <Fact name="Told within">
          <To href={`/inbox/${told.carriedBy.id}`}>{told.carriedBy.title}</To>
        </Fact>
      )}
      {told.again === null ? null : (
        <Fact name="It came back: told again">
          <To href={`/inbox/${told.again.id}`}>{`over ${told.again.channel}`}</To>
        </Fact>
      )}
    </>
  );
}

function Came({ came }: { readonly came: NonNullable<Story['came']> }): ReactNode {
  return (
    <>
      <Fact name="Made sure of by">
        <Line>{came.authenticatedBy === '' ? 'nothing' : came.authenticatedBy.replaceAll('_', ' ')}</Line>
      </Fact>
      <Fact name="Conversation">
        <Code>{came.conversation}</Code>
      </Fact>
      <Fact name="The provider’s id">
        <Code>{came.providerId}</Code>
      </Fact>
      {came.outcome === null ? null : (
        <Fact name="Became">
          <Line>{came.outcome.replaceAll('_', ' ')}</Line>
        </Fact>
      )}
    </>
  );
}

function About({ story: { about, answers, answeredBy } }: { readonly story: Story }): ReactNode {
  return (
    <>
      {answers === null ? null : (
        <Fact name="Answers">
          <To href={`/inbox/${answers.id}`}>{answers.title}</To>
        </Fact>
      )}
      {answeredBy.map((each) => (
        <Fact key={each.id} name="Answered by">
          <To href={`/inbox/${each.id}`}>{each.title}</To>
        </Fact>
      ))}
      {about.map(({ kind, id, title }) => {
        const href = aboutHref(kind, id);
        const name = title ?? (kind === 'wake' ? 'its steps' : `#${id}`);
        return (
          <Fact key={`${kind} ${id}`} name={kind === 'run' ? 'Thought about in' : `About ${kind}`}>
            {href === null ? <Line>{name}</Line> : <To href={href}>{name}</To>}
          </Fact>
        );
      })}
    </>
  );
}

function To({ href, children }: { readonly href: string; readonly children: string }): ReactNode {
  return (
    <Link href={href} className="text-active underline">
      <Line>{children}</Line>
    </Link>
  );
}

const outcomes: Readonly<Record<NonNullable<Step['outcome']>, readonly [word: string, tone: Tone]>> = {
  delivered: ['taken', 'ready'],
  failed: ['refused', 'stopped'],
  moved: ['handed on', 'paused'],
  returned: ['came back', 'stopped'],
};

interface TriesProps {
  readonly story: Story;
  readonly view: Parameters<typeof emptied>[0];
}

/** Newest first: what holds now stands at the top. */
function Tries({ story, view }: TriesProps): ReactNode {
  const steps = story.steps?.toReversed() ?? [];
  return (
    <Panel
      title={story.message.direction === 'out' ? 'Deliveries' : 'What became of it'}
      count={story.steps === null ? null : steps.length}
      view={emptied(view, steps.length)}
      whenEmpty={
        story.steps === null
          ? 'Unknown: it is older than what is written down of it.'
          : 'Nothing was tried yet: it waits for its turn.'
      }
    >
      <ol>
        {steps.map((step) => (
          <li key={step.seq} className="space-y-1 border-b border-line px-3 py-2 last:border-b-0">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <Clock at={step.at} className="text-dim" />
              <Outcome step={step} />
              <span className="ml-auto flex items-center gap-3 text-dim">
                <Link href={`/events?seq=${step.seq}`} className="font-mono text-xs underline">
                  #{step.seq}
                </Link>
                <Ago at={step.at} />
              </span>
            </div>
            {step.error === null ? null : <Prose className="text-stopped">{step.error}</Prose>}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Outcome({ step: { outcome, channel, attempt, to, words } }: { readonly step: Step }): ReactNode {
  if (outcome === null) return <Line>{words}</Line>;
  const [word, tone] = outcomes[outcome];
  return (
    <>
      <span className={`font-semibold ${toneText[tone]}`}>{word}</span>
      <Line>{`${outcome === 'moved' ? 'from' : 'by'} ${channel ?? 'unknown'}${to === null ? '' : ` to ${to}`}`}</Line>
      {attempt === null ? null : <span className="text-dim">try {attempt}</span>}
    </>
  );
}
