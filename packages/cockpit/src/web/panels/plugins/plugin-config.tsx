import { pluginConfigSchema, pluginConfigWrittenSchema } from '@kora/runtime/client';
import type { PluginConfig } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { Command } from '../../kit/command.tsx';
import { count } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line, Prose } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { useDeeds } from '../../store/use-deeds.ts';
import { blockFrom, type Entered } from '../../kit/form/entered.ts';
import { ChangeShown, diffOf, wrongIn } from '../../kit/form/change.tsx';
import { FieldsForm, type Said } from '../../kit/form/fields-form.tsx';

const stirredBy: readonly string[] = ['kora.plugin.'];

/** How a plugin is configured: a form over its block of kora.json, and its secrets by name. */
export function PluginConfigPanel({ plugin }: { readonly plugin: string }): ReactNode {
  const path = `/api/plugins/${encodeURIComponent(plugin)}/config`;
  const { data, view } = useDetail<PluginConfig>(path, pluginConfigSchema, stirredBy);
  return (
    <Panel
      title="Configuration"
      view={view}
      whenEmpty="It takes none."
      tools={<Command>{`kora plugin config ${plugin}`}</Command>}
    >
      {data === null ? null : <Config config={data} />}
    </Panel>
  );
}

function Config({ config }: { readonly config: PluginConfig }): ReactNode {
  const { plugin, file, hash, block, fields, problems, secrets, inForce } = config;
  // Kept here: what was written makes another form, and the word about it should outlive the one that sent it.
  const [told, tell] = useState('');
  const deeds = useDeeds();
  const save = async (entered: Entered, reason: string): Promise<Said> => {
    const wish = { block: blockFrom(fields, entered, block), hash, reason };
    const answered = await deeds.send({
      title: `Configure ${plugin}`,
      path: `/api/plugins/${encodeURIComponent(plugin)}/config`,
      body: wish,
      answer: pluginConfigWrittenSchema,
    });
    if (!answered.ok) return { text: answered.fault.message, ok: false, wrong: wrongIn(answered.details) };
    const written = answered.data;
    const why = written.reason === null ? '' : `: ${written.reason}`;
    const when =
      written.applied === 'next_start' ? 'takes effect at its next start' : `is ${written.state}${why}`;
    tell(`Written; the plugin ${when}.`);
    return { text: '', ok: true };
  };
  return (
    <>
      <div className="space-y-1 px-3 pt-3">
        <p className="text-dim">
          <Code>{file}</Code>
        </p>
        {inForce ? null : (
          <p className="text-paused">The file was changed since the plugin was started with it.</p>
        )}
        {problems.map(({ path, message }) => (
          <Prose key={path} className="text-stopped">{`${path}: ${message}`}</Prose>
        ))}
      </div>
      <p role="status" className="px-3 pt-1 wrap-anywhere">
        {plain(told)}
      </p>
      {fields.length === 0 ? (
        <p className="px-3 py-4 text-dim">It describes no configuration.</p>
      ) : (
        // What is read anew is another form: what was typed over something else is not sent.
        <FieldsForm
          key={hash}
          label={`Configuration of ${plugin}`}
          fields={fields}
          submit="Write and start with it"
          needs="admin"
          review={reviewOf(fields)}
          onSubmit={save}
        />
      )}
      {secrets.length === 0 ? null : (
        <Table caption="Secrets by name" rows={secrets} keyOf={({ name }) => name} columns={secretColumns} />
      )}
    </>
  );
}

function reviewOf(fields: PluginConfig['fields']): (entered: Entered) => ReactNode {
  return (entered) => {
    const lines = diffOf(fields, entered);
    if (lines.length === 0) return null;
    return <ChangeShown lines={lines}>The plugin is started with it at once.</ChangeShown>;
  };
}

const secretColumns: readonly Column<PluginConfig['secrets'][number]>[] = [
  { name: 'secret', cell: ({ name }) => <Code>{name}</Code> },
  {
    name: 'is',
    cell: ({ origin, problem }) => <Line>{origin === null ? (problem ?? 'not said') : 'said'}</Line>,
  },
  { name: 'variable', cell: ({ variable }) => <Code>{variable}</Code>, wide: true },
  { name: 'reads', cell: ({ reads }) => count(reads), align: 'end' },
  { name: 'last', cell: ({ lastReadAt }) => (lastReadAt === null ? '-' : <Ago at={lastReadAt} />) },
];
