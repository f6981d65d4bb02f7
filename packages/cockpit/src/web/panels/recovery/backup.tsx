import { type BackupStatus, backupStatusSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { Act } from '../../kit/act.tsx';
import { Chip } from '../../kit/chip.tsx';
import { Command } from '../../kit/command.tsx';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { Ago, Code, Line } from '../../kit/text.tsx';
import type { Tone } from '../../kit/tone.ts';
import { useDetail } from '../../store/detail.ts';
import { emptied } from '../../store/view.ts';

const nothing: readonly string[] = [];
/** A copy of a large store takes its time to begin. */
const patienceMs = 120_000;

/** The copy that this runtime was asked for last, and the way to ask for one. */
export function Backup(): ReactNode {
  const { data, view } = useDetail('/api/backup', backupStatusSchema, nothing, true);
  return (
    <Panel
      title="Backup"
      view={data?.state === 'none' ? emptied(view, 0) : view}
      whenEmpty="This runtime was asked for no backup since it started. What was copied before stands below."
      tools={<NewBackup />}
    >
      {data === null ? null : <Made backup={data} />}
    </Panel>
  );
}

function NewBackup(): ReactNode {
  const [directory, setDirectory] = useState('');
  return (
    <Act
      label="Back up…"
      title="Back up store, keys and configuration"
      needs="admin"
      path="/api/backup"
      answer={backupStatusSchema}
      body={() => ({ directory: directory.trim() })}
      effect="A consistent copy on the runtime’s machine, while it goes on working. The folder must be new; it will hold secrets."
      reasoned={false}
      keyed={false}
      timeoutMs={patienceMs}
      command={`kora backup --out ${directory === '' ? '…' : directory}`}
    >
      <label className="block space-y-1">
        <span className="text-xs text-dim">Folder on the runtime’s machine, absolute</span>
        <input
          required
          maxLength={4_000}
          autoComplete="off"
          value={directory}
          onChange={(event) => setDirectory(event.currentTarget.value)}
          className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2 font-mono"
        />
      </label>
    </Act>
  );
}

const states: Readonly<Record<BackupStatus['state'], { readonly tone: Tone; readonly word: string }>> = {
  none: { tone: 'dim', word: 'none' },
  running: { tone: 'active', word: 'running' },
  done: { tone: 'ready', word: 'done' },
  failed: { tone: 'stopped', word: 'failed' },
};

function Made({ backup }: { readonly backup: BackupStatus }): ReactNode {
  const { report, problem, lines, directory, state } = backup;
  return (
    <div className="space-y-3 p-3">
      <p className="flex flex-wrap items-center gap-2">
        <Chip tone={states[state].tone}>{states[state].word}</Chip>
        {directory === null ? null : <Code>{directory}</Code>}
      </p>
      {report === null ? null : (
        <Facts>
          <Fact name="Made">
            <Ago at={report.createdAt} />
          </Fact>
          <Fact name="Rows">{count(report.rows)}</Fact>
          <Fact name="Bytes">{count(report.bytes)}</Fact>
          <Fact name="Epoch">{count(report.epoch)}</Fact>
          {report.ends.map((end) => (
            <Fact key={end.workspaceId} name={`Chain of ${plain(end.workspace)} ends`}>
              #{count(end.seq)} <Code className="text-dim">{end.hash.slice(0, 12)}</Code>
            </Fact>
          ))}
        </Facts>
      )}
      {problem === null ? null : (
        <div className="space-y-1">
          <p className="wrap-anywhere text-stopped">{plain(problem.message)}</p>
          <Code className="text-dim">{problem.code}</Code>
          {problem.hint === null ? null : (
            <p className="text-dim">
              <Line>{problem.hint}</Line>
            </p>
          )}
        </div>
      )}
      {lines.length === 0 ? null : (
        <pre
          tabIndex={0}
          role="group"
          aria-label="Progress of the backup"
          className="max-h-60 overflow-auto rounded-sm bg-raised p-2 font-mono text-xs"
        >
          {plain(lines.join('\n'))}
        </pre>
      )}
      {state === 'done' && directory !== null ? <Command>{`kora restore ${directory}`}</Command> : null}
    </div>
  );
}
