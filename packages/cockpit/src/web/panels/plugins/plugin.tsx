import { panelSchema } from '@kora/runtime/client';
import type { PanelListed } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { z } from 'zod';
import { Panel } from '../../kit/panel.tsx';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import { useList, useView } from '../../store/use.ts';
import { PluginConfigPanel } from './plugin-config.tsx';
import { PluginPanel } from './plugin-panel.tsx';
import { Disable } from './disable.tsx';
import { PluginItem } from './plugins.tsx';

const panelsSchema = z.array(panelSchema);
const stirredBy: readonly string[] = ['kora.plugin.'];

/** One plugin: how it stands, what it shows, how it is configured. */
export function PluginPage({ id }: { readonly id: string }): ReactNode {
  const plugin = useList('plugins')?.find((row) => row.id === id) ?? null;
  const view = useView('plugins', plugin === null);
  const path = `/api/plugins/${encodeURIComponent(id)}/panels`;
  const { data: panels } = useDetail<PanelListed[]>(path, panelsSchema, stirredBy);
  return (
    <Page title={`Plugin ${id}`}>
      <Panel
        title="Standing"
        view={view}
        whenEmpty="No plugin has this id. It may have been removed."
        tools={plugin === null ? null : <Disable plugin={plugin} />}
      >
        {plugin === null ? null : (
          <ul>
            <PluginItem plugin={plugin} />
          </ul>
        )}
      </Panel>
      {(panels ?? []).map((panel) => (
        <PluginPanel key={panel.id} panel={panel} />
      ))}
      <PluginConfigPanel plugin={id} />
    </Page>
  );
}
