import { incidentStorySchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { Facet } from '../../kit/facets.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Ago, Clock, Line, Prose } from '../../kit/text.tsx';
import { type Tone, toneText } from '../../kit/tone.ts';
import { useFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { emptied } from '../../store/view.ts';
import { aboutHref } from '../inbox/message-href.ts';

type Row = z.infer<typeof incidentStorySchema>;
type Kind = Row['kind'];

const storySchema = z.array(incidentStorySchema);
const noteAnswer = z.array(z.unknown());
const stirs: readonly string[] = [
  'probe.',
  'notification.',
  'tool.probe_',
  'sea_ticket.',
  'kora.sea_ticket.',
];

/** What an incident's story shows; in the address. */
const storyFilterKeys = ['show'] as const;

const looks: Readonly<Record<Kind, readonly [word: string, tone: Tone]>> = {
  opened: ['opened', 'stopped'],
  updated: ['fails otherwise', 'paused'],
  consequence: ['because of', 'dim'],
  flapping: ['flapping', 'paused'],
  acknowledged: ['acknowledged', 'active'],
  silenced: ['silenced', 'active'],
  note: ['note', 'active'],
  investigation: ['found out', 'active'],
  fix: ['fix', 'ready'],
  resolved: ['resolved', 'ready'],
  reopened: ['reopened', 'stopped'],
  look: ['look', 'dim'],
  wake: ['wake', 'dim'],
  reasoning: ['reasoning', 'dim'],
  message: ['message', 'dim'],
  attempt: ['fix tried', 'dim'],
  event: ['event', 'dim'],
};

/** Parts of the story by what one asks of it. */
const parts: Readonly<Record<string, { readonly title: string; readonly kinds: readonly Kind[] }>> = {
  said: { title: 'what people said', kinds: ['acknowledged', 'silenced', 'note'] },
  told: { title: 'messages', kinds: ['message'] },
  looks: { title: 'looks', kinds: ['look', 'opened', 'updated', 'resolved', 'reopened', 'flapping'] },
  work: {
    title: 'wakes, reasoning, fixes',
    kinds: ['wake', 'reasoning', 'attempt', 'fix', 'investigation', 'event'],
  },
};

/** All that happened around an incident, newest first, each line with its source; and a note to add. */
export function IncidentStory({ id }: { readonly id: string }): ReactNode {
  const [{ show }, change] = useFilter(storyFilterKeys);
  const { data, view } = useDetail(
    `/api/incidents/${encodeURIComponent(id)}/story`,
    storySchema,
    stirs,
    true,
  );
  const kinds = parts[show]?.kinds;
  const rows = (data ?? []).filter((row) => kinds === undefined || kinds.includes(row.kind));
  return (
    <Panel
      title="Story"
      count={data === null ? null : rows.length}
      view={emptied(view, rows.length)}
      whenEmpty={
        (data?.length ?? 0) > 0 ? 'Nothing of this kind happened.' : 'Nothing of it was written down.'
      }
      tools={
        <span className="flex flex-wrap items-center gap-2">
          <Facet
            first
            label="Show"
            value={show}
            choices={Object.entries(parts).map(([value, { title }]) => ({ value, title }))}
            onChange={(next) => change({ show: next })}
          />
          <AddNote id={id} />
        </span>
      }
    >
      <ol className="px-3 py-1">
        {rows.map((row, index) => (
          // Nothing names a line but what it says: two of one instant may be alike.
          <StoryLine key={`${row.at} ${row.kind} ${row.source?.id ?? ''} ${rows.length - index}`} row={row} />
        ))}
      </ol>
    </Panel>
  );
}

function AddNote({ id }: { readonly id: string }): ReactNode {
  return (
    <Act
      label="Note…"
      title={`Note on incident #${id}`}
      needs="operate"
      path={`/api/incidents/${encodeURIComponent(id)}/note`}
      answer={noteAnswer}
      effect="It stands in the story of the incident and on the chain. Nobody is told of it."
      keyed={false}
      command={`kora incident note ${id} "…"`}
    />
  );
}

function StoryLine({ row }: { readonly row: Row }): ReactNode {
  const [word, tone] = looks[row.kind];
  const href = row.source === null ? null : aboutHref(row.source.kind, row.source.id);
  return (
    <li
      data-row={href ?? ''}
      tabIndex={-1}
      className={`relative border-l border-line-strong py-1.5 pl-4 before:absolute before:top-3 before:-left-1 before:size-2 before:rounded-full before:bg-current ${toneText[tone]}`}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
        <Clock at={row.at} className="text-dim" />
        <span className="min-w-24 font-semibold">{word}</span>
        {row.by === null ? null : <Line className="text-dim">{`by ${row.by}`}</Line>}
        <span className="ml-auto flex items-center gap-3 text-dim">
          {href === null ? null : (
            <Link href={href} className="text-active underline">
              {row.source?.kind === 'event' ? `#${row.source.id}` : (row.source?.kind ?? '')}
            </Link>
          )}
          <Ago at={row.at} />
        </span>
      </div>
      {row.text === '' ? null : <Prose className="text-ink">{row.text}</Prose>}
    </li>
  );
}
