import { drStateSchema, epochSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import type { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { Chip } from '../../kit/chip.tsx';
import { Command } from '../../kit/command.tsx';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count } from '../../kit/format.ts';
import { PanelHold } from '../../kit/hold.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Line } from '../../kit/text.tsx';
import type { Tone } from '../../kit/tone.ts';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import { Backup } from './backup.tsx';
import { Copies } from './copies.tsx';

type DrState = z.infer<typeof drStateSchema>;

const drEvents: readonly string[] = ['kora.dr.', 'kora.backup.', 'kora.hold.', 'kora.paused.'];

/** Whether this home and its store belong together, and the copies from which both could be made again. */
export function RecoveryPage(): ReactNode {
  const { data, view } = useDetail('/api/dr-state', drStateSchema, drEvents, true);
  const acceptances = data?.acceptances ?? [];
  return (
    <Page title="Recovery">
      <Panel
        title="Store and home"
        view={view}
        whenEmpty=""
        tools={
          <Act
            label="Bump the epoch…"
            title="Make every home of this store ask before it goes on"
            needs="admin"
            path="/api/db/bump-epoch"
            answer={epochSchema}
            look="stop"
            effect="Every home of this store holds until its operator accepts the new epoch. For a store that was restored, copied or moved."
            command={'kora db bump-epoch --reason "…"'}
          />
        }
      >
        {data === null ? null : <Match state={data} />}
      </Panel>
      <PanelHold>
        <Backup />
      </PanelHold>
      <Copies copies={data?.backups} view={view} />
      <Panel
        title="Epochs accepted"
        count={acceptances.length}
        view={acceptances.length === 0 && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
        whenEmpty="No epoch beside the first was accepted: this store was never restored, copied or moved."
      >
        <Table
          caption="Epochs that were accepted"
          columns={columns}
          rows={acceptances}
          keyOf={(row) => `${row.epoch} ${row.at}`}
        />
      </Panel>
    </Page>
  );
}

const matches: Readonly<
  Record<DrState['match_status'], { readonly tone: Tone; readonly word: string; readonly means: string }>
> = {
  clean: { tone: 'ready', word: 'they match', means: 'The store is the one that this home knows.' },
  mismatch_detected: {
    tone: 'stopped',
    word: 'mismatch',
    means:
      'The store’s epoch is not the one that this home accepted last. Nothing is claimed until the operator resumes.',
  },
  accepted_elsewhere: {
    tone: 'paused',
    word: 'accepted elsewhere',
    means: 'Another home has accepted the store’s epoch; this one has not.',
  },
  another_store: {
    tone: 'stopped',
    word: 'another store',
    means: 'This is not the store that this home was used with.',
  },
  unknown: { tone: 'stale', word: 'unknown', means: 'The store does not answer, so nobody can say.' },
};

function Match({ state }: { readonly state: DrState }): ReactNode {
  const { tone, word, means } = matches[state.match_status];
  const { hold, last_mismatch: last } = state;
  return (
    <div className="space-y-3 p-3">
      <p>
        <Chip tone={tone}>{word}</Chip> {means}
      </p>
      <Facts>
        <Fact name="Epoch this home accepted">
          {state.known_epoch === null ? 'none yet' : count(state.known_epoch)}
        </Fact>
        <Fact name="Epoch of the store">{count(state.observed_epoch)}</Fact>
        <Fact name="Last mismatch">
          {last === null ? (
            'never'
          ) : (
            <>
              #{count(last.seq)}, <Ago at={last.at} />: the store said {count(last.observed_epoch)}, the home{' '}
              {count(last.known_epoch)}
            </>
          )}
        </Fact>
        {hold === null ? null : (
          <Fact name="Held">
            <Ago at={hold.since} /> by <Line>{hold.owner}</Line>: <Line>{hold.reason}</Line>
          </Fact>
        )}
      </Facts>
      {hold === null ? null : <Command>{'kora resume --reason "…"'}</Command>}
    </div>
  );
}

const columns: readonly Column<DrState['acceptances'][number]>[] = [
  { name: 'Epoch', cell: (row) => count(row.epoch) },
  { name: 'Accepted', cell: (row) => <Ago at={row.at} /> },
  { name: 'By', cell: (row) => <Line>{row.by}</Line>, wide: true },
];
