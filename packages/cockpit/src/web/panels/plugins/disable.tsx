import { pluginDisabledSchema, type PluginRowView } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Act } from '../../kit/act.tsx';
import { Code } from '../../kit/text.tsx';

/** Has a plugin not loaded any more; what runs of it goes on until then. */
export function Disable({ plugin }: { readonly plugin: PluginRowView }): ReactNode {
  if (plugin.state === 'denied') return null;
  return (
    <Act
      label="Disable"
      title={`Disable ${plugin.id} from the next start on`}
      needs="admin"
      path={`/api/plugins/${encodeURIComponent(plugin.id)}/disable`}
      answer={pluginDisabledSchema}
      keyed={false}
      effect={
        <>
          <Code>plugins.deny</Code> of kora.json names it. It runs on until the next start, or until what is
          installed is looked at again. To have it back is not done from a page.
        </>
      }
    />
  );
}
