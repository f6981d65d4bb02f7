import { capabilitiesSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Facet } from '../../kit/facets.tsx';
import { counted } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { useList, useView } from '../../store/use.ts';
import { emptied, worstOf } from '../../store/view.ts';
import { GrantAct } from './grant-act.tsx';
import { GrantsTable } from './grants.tsx';
import { matrixOf } from './matrix.ts';
import { MatrixTable } from './matrix-panel.tsx';

const filterKeys = ['q', 'grants'] as const;
const stirredBy: readonly string[] = ['kora.capability.', 'kora.plugin.', 'kora.mcp.'];
const endings = [{ value: 'all', title: 'also those that are over' }];

/** What may be done with leave, who has it, and who asks for what it has not. */
export function CapabilitiesPage(): ReactNode {
  const [{ q, grants: which }, change] = useFilter(filterKeys);
  const path = which === 'all' ? '/api/capabilities?all=1' : '/api/capabilities';
  const { data, view } = useDetail(path, capabilitiesSchema, stirredBy);
  const plugins = useList('plugins');
  // Without the plugins it is not known who asks for what: then there is no matrix.
  const matrixView = worstOf([view, useView('plugins')]);
  const matrix = data === null || plugins === null ? null : matrixOf({ ...data, plugins });
  const rows = (matrix?.rows ?? []).filter((row) => matches(q, row.id, row.title, row.owner));
  const grants = (data?.grants ?? []).filter((row) => matches(q, row.capability, row.subject, row.reason));
  const waiting = (useList('approvals') ?? []).filter((row) => row.status === 'pending').length;
  return (
    <Page
      title="Capabilities"
      tools={
        <>
          <Facet
            first
            label="Grants"
            value={which}
            all="live"
            choices={endings}
            onChange={(grants) => change({ grants })}
          />
          <FilterBox label="Filter capabilities" value={q} onChange={(next) => change({ q: next })} />
        </>
      }
    >
      <Panel
        title="Who may what"
        view={emptied(matrixView, rows.length)}
        count={matrix === null ? null : rows.length}
        whenEmpty={q === '' ? 'Nothing here needs leave.' : 'No capability matches the filter.'}
        tools={
          waiting === 0 ? null : (
            <Link href="/approvals" className="text-paused underline">
              {counted(waiting, 'call')} wait for your word
            </Link>
          )
        }
      >
        {matrix === null ? null : <MatrixTable matrix={{ ...matrix, rows }} />}
      </Panel>
      <Panel
        title="Grants"
        view={emptied(view, grants.length)}
        count={data === null ? null : grants.length}
        whenEmpty={q === '' ? 'Nothing is granted to anybody.' : 'No grant matches the filter.'}
        tools={
          data === null ? null : (
            <GrantAct
              capabilities={data.capabilities}
              subjects={(matrix?.subjects ?? []).map((subject) => subject.name)}
            />
          )
        }
      >
        <GrantsTable grants={grants} />
      </Panel>
    </Page>
  );
}
