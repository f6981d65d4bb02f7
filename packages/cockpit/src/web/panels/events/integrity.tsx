import type { chainStandingSchema, EventRow } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import type { z } from 'zod';
import { Button } from '../../kit/button.tsx';
import { Command } from '../../kit/command.tsx';
import { Fact, Facts } from '../../kit/facts.tsx';
import { clock, count } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { Ago, Code, Line } from '../../kit/text.tsx';
import type { PanelView } from '../../store/view.ts';
import { useStanding } from './standing.ts';
import { useVerify, type VerifyStanding } from './use-verify.ts';

type Standing = z.infer<typeof chainStandingSchema>;

/** What is known of the chain as a whole, and the way to hash a part of it here. */
export function Integrity({ rows }: { readonly rows: readonly EventRow[] }): ReactNode {
  const { data, view } = useStanding();
  const here: PanelView =
    data?.head === null && view.state === 'ready' ? { state: 'empty', at: view.at } : view;
  return (
    <Panel
      title="Integrity"
      view={here}
      whenEmpty="The chain is empty: nothing has happened yet."
      tools={<Command>kora event verify</Command>}
      rows={2}
    >
      {data === null ? null : (
        <div className="space-y-3 p-3">
          <StandingFacts standing={data} />
          <VerifyRange rows={rows} standing={data} />
        </div>
      )}
    </Panel>
  );
}

function StandingFacts({ standing }: { readonly standing: Standing }): ReactNode {
  const { head, verifiedUpTo, verifiedAt, lastFullPassAt, anchor, brokenAt, problem } = standing;
  return (
    <Facts>
      <Fact name="The chain is">
        {brokenAt !== null ? (
          <Link href={`/events?seq=${brokenAt}`} className="font-semibold text-stopped underline">
            broken at #{brokenAt}
          </Link>
        ) : verifiedUpTo === null ? (
          <span className="text-stale">not verified</span>
        ) : (
          <span className="text-ready">intact up to #{count(verifiedUpTo)}</span>
        )}
        {problem === null ? null : <Line className="block text-stopped">{problem}</Line>}
      </Fact>
      <Fact name="Head">
        {head === null ? (
          'none'
        ) : (
          <>
            #{count(head.seq)} <Code className="text-dim">{head.hash.slice(0, 12)}</Code>
          </>
        )}
      </Fact>
      <Fact name="Verified">{verifiedAt === null ? 'never' : <Ago at={verifiedAt} />}</Fact>
      <Fact name="Last full pass">
        {lastFullPassAt === null ? 'none since the start' : <Ago at={lastFullPassAt} />}
      </Fact>
      <Fact name="Anchored">
        {anchor === null ? (
          'nowhere'
        ) : (
          <>
            up to #{count(anchor.seq)}, <Ago at={anchor.at} />
          </>
        )}
      </Fact>
    </Facts>
  );
}

interface VerifyRangeProps {
  readonly rows: readonly EventRow[];
  readonly standing: Standing;
}

/** The range that is shown, unless others are typed. */
function VerifyRange({ rows, standing }: VerifyRangeProps): ReactNode {
  const { standing: how, verify } = useVerify(rows);
  const [typed, setTyped] = useState({ from: '', to: '' });
  const newest = rows[0]?.seq ?? standing.head?.seq ?? 1;
  const oldest = rows.at(-1)?.seq ?? newest;
  const from = numberOf(typed.from) ?? oldest;
  const to = numberOf(typed.to) ?? newest;
  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void verify(Math.min(from, to), Math.max(from, to));
      }}
    >
      <SeqBox
        label="from #"
        placeholder={String(oldest)}
        value={typed.from}
        onChange={(next) => setTyped({ ...typed, from: next })}
      />
      <SeqBox
        label="to #"
        placeholder={String(newest)}
        value={typed.to}
        onChange={(next) => setTyped({ ...typed, to: next })}
      />
      <Button type="submit" disabled={how.state === 'busy'}>
        Verify range here
      </Button>
      <p role="status" className="min-w-0 flex-1 basis-64">
        <Result how={how} standing={standing} />
      </p>
    </form>
  );
}

function Result({ how, standing }: { readonly how: VerifyStanding; readonly standing: Standing }): ReactNode {
  switch (how.state) {
    case 'idle':
      return (
        <span className="text-dim">This browser hashes the range again from the runtime’s own bytes.</span>
      );
    case 'busy':
      return <span className="text-dim">At #{count(how.upTo)}…</span>;
    case 'refused':
      return <span className="text-stopped">{plain(how.message)}</span>;
    case 'done':
      break;
  }
  const { result } = how;
  if (!result.ok)
    return (
      <span className="text-stopped">
        Does not match at{' '}
        <Link href={`/events?seq=${result.seq}`} className="underline">
          #{result.seq}
        </Link>
        : {plain(result.problem)}.
      </span>
    );
  return (
    <span className="text-ready">
      Links and hashes match for #{count(result.from)}–#{count(result.to)}
      {result.redacted === 0 ? '' : `; ${count(result.redacted)} bodies were taken away and not hashed`}
      {anchorWords(result.to, standing)}.
    </span>
  );
}

/** What the anchor says of the end of the range: that it is beyond, and since when. No more is known in a browser. */
function anchorWords(to: number, { anchor, head }: Standing): string {
  const end = head !== null && to >= head.seq ? '; this is the end of the chain' : '';
  if (anchor === null) return `${end}, which is anchored nowhere`;
  return anchor.seq >= to
    ? `${end}; the anchor from ${clock(anchor.at)} is at or behind its end`
    : `${end}; the anchor from ${clock(anchor.at)} covers it up to #${count(anchor.seq)}`;
}

interface SeqBoxProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function SeqBox({ label, placeholder, value, onChange }: SeqBoxProps): ReactNode {
  return (
    <label className="flex items-center gap-1">
      <span className="text-xs text-dim">{label}</span>
      <input
        inputMode="numeric"
        pattern="[0-9]*"
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        className="h-8 w-24 rounded-sm border border-line-strong bg-surface px-2 font-mono placeholder:text-dim"
      />
    </label>
  );
}

function numberOf(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
