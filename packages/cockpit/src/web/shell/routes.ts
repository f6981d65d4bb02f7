import {
  Activity,
  Blocks,
  Columns3,
  Gauge,
  Inbox,
  type LucideIcon,
  Power,
  ScrollText,
  Timer,
} from 'lucide-react';

export interface RouteSpec {
  readonly path: string;
  /** As the rail has room for. */
  readonly title: string;
  readonly icon: LucideIcon;
  /** The key after `g`. */
  readonly key: string;
  /** Other paths that belong to it. */
  readonly under: readonly string[];
}

/** The rail, top to bottom. */
export const routes: readonly RouteSpec[] = [
  { path: '/', title: 'Overview', icon: Gauge, key: 'o', under: [] },
  { path: '/tickets', title: 'Tickets', icon: Columns3, key: 't', under: ['/tickets/'] },
  { path: '/daemons', title: 'Daemons', icon: Timer, key: 'd', under: ['/daemons/'] },
  { path: '/probes', title: 'Probes', icon: Activity, key: 'p', under: ['/probes/', '/incidents/'] },
  { path: '/inbox', title: 'Inbox', icon: Inbox, key: 'n', under: ['/inbox/'] },
  { path: '/events', title: 'Events', icon: ScrollText, key: 'e', under: ['/events/'] },
  { path: '/boot', title: 'Boot', icon: Power, key: 'b', under: [] },
  { path: '/plugins', title: 'Plugins', icon: Blocks, key: 'i', under: ['/panels/'] },
];

/** Where on the rail a path lies. */
export function routeOf(path: string): RouteSpec | undefined {
  return routes.find((route) => route.path === path || route.under.some((prefix) => path.startsWith(prefix)));
}
