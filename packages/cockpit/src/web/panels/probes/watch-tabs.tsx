import type { ReactNode } from 'react';
import { Tabs } from '../../kit/tabs.tsx';

/** Three sides of one story: what is looked at, what is wrong, and what was done about it. */
export function WatchTabs({ current }: { readonly current: 'probes' | 'alerts' | 'wakes' }): ReactNode {
  return (
    <Tabs
      label="Probes, alerts and wakes"
      current={current}
      tabs={[
        { name: 'probes', title: 'Probes', href: '/probes' },
        { name: 'alerts', title: 'Alerts', href: '/alerts' },
        { name: 'wakes', title: 'Wakes', href: '/wakes' },
      ]}
    />
  );
}
