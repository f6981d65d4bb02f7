import {
  Activity,
  Blocks,
  BookOpenText,
  Brain,
  Cable,
  CirclePause,
  Columns3,
  Gauge,
  GitPullRequestArrow,
  History,
  Inbox,
  KeyRound,
  LifeBuoy,
  type LucideIcon,
  Megaphone,
  Power,
  ScrollText,
  ShieldCheck,
  SlidersHorizontal,
  Stamp,
  Stethoscope,
  TextSearch,
  Timer,
  Wallet,
} from 'lucide-react';

/** The parts of the rail, top to bottom. */
export const routeGroups = ['now', 'work', 'mind', 'house', 'record'] as const;
export type RouteGroup = (typeof routeGroups)[number];

export interface RouteSpec {
  readonly path: string;
  /** Under which words of the rail it stands. */
  readonly group: RouteGroup;
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
  { path: '/', group: 'now', title: 'Overview', icon: Gauge, key: 'o', under: [] },
  { path: '/state', group: 'now', title: 'State', icon: History, key: 'v', under: [] },
  { path: '/control', group: 'now', title: 'Control', icon: CirclePause, key: 'k', under: [] },
  {
    path: '/approvals',
    group: 'now',
    title: 'Approvals',
    icon: Stamp,
    key: 'a',
    under: ['/approvals/'],
  },
  { path: '/tickets', group: 'work', title: 'Tickets', icon: Columns3, key: 't', under: ['/tickets/'] },
  {
    path: '/daemons',
    group: 'work',
    title: 'Daemons',
    icon: Timer,
    key: 'd',
    under: ['/daemons/', '/tasks/'],
  },
  {
    path: '/probes',
    group: 'work',
    title: 'Probes',
    icon: Activity,
    key: 'p',
    under: ['/probes/', '/incidents/', '/alerts', '/wakes'],
  },
  { path: '/inbox', group: 'now', title: 'Inbox', icon: Inbox, key: 'n', under: ['/inbox/'] },
  { path: '/reasoning', group: 'mind', title: 'Reasoning', icon: Brain, key: 'r', under: ['/reasoning/'] },
  { path: '/cost', group: 'mind', title: 'Cost', icon: Wallet, key: 'c', under: [] },
  { path: '/phrasebook', group: 'mind', title: 'Phrasebook', icon: BookOpenText, key: 'h', under: [] },
  {
    path: '/promotions',
    group: 'mind',
    title: 'Proposals',
    icon: GitPullRequestArrow,
    key: 'm',
    under: ['/promotions/'],
  },
  { path: '/events', group: 'record', title: 'Events', icon: ScrollText, key: 'e', under: ['/events/'] },
  { path: '/logs', group: 'record', title: 'Logs', icon: TextSearch, key: 'l', under: [] },
  { path: '/boot', group: 'record', title: 'Boot', icon: Power, key: 'b', under: [] },
  { path: '/sessions', group: 'house', title: 'Sessions', icon: KeyRound, key: 's', under: [] },
  {
    path: '/capabilities',
    group: 'house',
    title: 'Capabilities',
    icon: ShieldCheck,
    key: 'y',
    under: [],
  },
  { path: '/recovery', group: 'house', title: 'Recovery', icon: LifeBuoy, key: 'w', under: [] },
  { path: '/channels', group: 'house', title: 'Channels', icon: Megaphone, key: 'j', under: [] },
  { path: '/mcp-clients', group: 'house', title: 'MCP', icon: Cable, key: 'u', under: [] },
  {
    path: '/configuration',
    group: 'house',
    title: 'Configuration',
    icon: SlidersHorizontal,
    key: 'f',
    under: [],
  },
  { path: '/diagnostics', group: 'house', title: 'Diagnostics', icon: Stethoscope, key: 'x', under: [] },
  { path: '/plugins', group: 'house', title: 'Plugins', icon: Blocks, key: 'i', under: ['/panels/'] },
];

/** Where on the rail a path lies. */
export function routeOf(path: string): RouteSpec | undefined {
  return routes.find((route) => route.path === path || route.under.some((prefix) => path.startsWith(prefix)));
}
