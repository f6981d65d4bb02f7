import { panelDoneSchema, panelLookSchema } from '@kora/runtime/client';
import type { PanelListed, PanelLooked } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { oneLine, plain } from '../../kit/plain.ts';
import { Panel } from '../../kit/panel.tsx';
import { useDetail } from '../../store/detail.ts';
import { useDeeds } from '../../store/use-deeds.ts';
import { useNow } from '../../store/use.ts';
import { FieldsForm, type Said } from '../../kit/form/fields-form.tsx';
import { DrawnView } from './panel-view.tsx';

const stirredBy: readonly string[] = ['kora.plugin.'];

/** One panel of a plugin: what it shows, and what may be asked of it. */
export function PluginPanel({ panel }: { readonly panel: PanelListed }): ReactNode {
  const { plugin, id, title, everyMs } = panel;
  // Asked again as often as the plugin says; what was read stays until the next answer is there.
  const turn = Math.floor(useNow() / everyMs);
  const path = `/api/plugins/${encodeURIComponent(plugin)}/panels/${encodeURIComponent(id)}`;
  const { data, view } = useDetail<PanelLooked>(`${path}?turn=${turn}`, panelLookSchema, stirredBy);
  return (
    <Panel title={title} view={view} whenEmpty="It shows nothing.">
      {data === null ? null : <Shown look={data} />}
    </Panel>
  );
}

function Shown({ look }: { readonly look: PanelLooked }): ReactNode {
  const { plugin, id, title, view, actions } = look;
  const [chosen, choose] = useState<string | null>(null);
  const deeds = useDeeds();
  const asked = view.kind === 'form' ? view.action : chosen;
  const action = actions.find((each) => each.id === asked);
  const ask = async (input: object, reason: string): Promise<Said> => {
    if (action?.confirm && !globalThis.confirm(plain(action.confirm))) return { text: 'not done', ok: true };
    const names = [plugin, 'panels', id, 'actions', action?.id ?? ''].map((name) => encodeURIComponent(name));
    const answered = await deeds.send({
      title: `${action?.title ?? 'Send'}: ${title}`,
      path: `/api/plugins/${names.join('/')}`,
      body: { input, reason },
      answer: panelDoneSchema,
    });
    if (!answered.ok) return { text: answered.fault.message, ok: false };
    return { text: answered.data.message ?? 'done', ok: true };
  };
  const fields = view.kind === 'form' ? view.fields : [];
  const submit = (view.kind === 'form' ? view.submit : undefined) ?? action?.title ?? 'Send';
  return (
    <>
      {view.kind === 'form' ? null : <DrawnView title={title} view={view} />}
      {actions.length === 0 || view.kind === 'form' ? null : (
        <div className="flex flex-wrap gap-2 border-t border-line p-3">
          {actions.map((each) => (
            <button
              key={each.id}
              type="button"
              aria-expanded={each.id === chosen}
              onClick={() => choose(each.id === chosen ? null : each.id)}
              className="h-8 rounded-sm border border-line-strong px-3 hover:bg-raised aria-expanded:bg-raised"
            >
              {oneLine(each.title)}
            </button>
          ))}
        </div>
      )}
      {action === undefined ? null : (
        <FieldsForm
          key={action.id}
          label={action.title}
          fields={fields}
          submit={submit}
          needs={action.needs}
          onSubmit={ask}
        />
      )}
    </>
  );
}
