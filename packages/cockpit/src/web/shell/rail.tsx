import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { count } from '../kit/format.ts';
import { Line } from '../kit/text.tsx';
import { needsOf } from '../store/needs.ts';
import { useList, useModel } from '../store/use.ts';
import { routeGroups, routeOf, routes } from './routes.ts';

/** The left rail: where one can go, and how much waits there. Icons alone below 1024 px, nothing below 640 px. */
export function Rail(): ReactNode {
  return (
    <aside
      aria-label="Kora"
      className="sticky top-0 flex h-dvh shrink-0 flex-col border-r border-line bg-surface max-sm:hidden sm:w-14 md:w-[200px] md:in-data-[rail=narrow]:w-14"
    >
      <Brand />
      <nav aria-label="Panels" className="flex-1 overflow-y-auto px-2 py-2">
        <NavList />
      </nav>
    </aside>
  );
}

/** The links of the rail and of the small screen's menu. */
export function NavList({ labels = 'wide' }: { readonly labels?: 'wide' | 'always' }): ReactNode {
  const [path] = useLocation();
  const badges = useBadges();
  const here = routeOf(path);
  const hidden = labels === 'wide' ? 'max-md:sr-only' : '';
  return routeGroups.map((group) => (
    <ul
      key={group}
      aria-label={groupTitles[group]}
      className="space-y-0.5 border-line not-first:mt-2 not-first:border-t not-first:pt-2"
    >
      {routes
        .filter((route) => route.group === group)
        .map((route) => {
          const Icon = route.icon;
          const badge = badges[route.path];
          return (
            <li key={route.path}>
              <Link
                href={route.path}
                title={`${route.title} (g ${route.key})`}
                aria-current={here === route ? 'page' : undefined}
                className="relative flex h-8 items-center gap-2 rounded-sm px-3 md:px-2 text-dim hover:bg-raised hover:text-ink aria-[current]:bg-raised aria-[current]:font-semibold aria-[current]:text-ink"
              >
                <Icon size={16} strokeWidth={1.75} aria-hidden="true" className="shrink-0" />
                <span className={`truncate ${hidden}`}>{route.title}</span>
                {badge === undefined ? null : <Badge {...badge} compact={labels === 'wide'} />}
              </Link>
            </li>
          );
        })}
    </ul>
  ));
}

const groupTitles = {
  now: 'Now',
  work: 'Work',
  mind: 'Mind and money',
  house: 'House',
  record: 'Record',
} as const;

interface BadgeSpec {
  readonly value: number;
  readonly means: string;
  readonly tone: 'stopped' | 'paused' | 'dim';
}

/** What waits behind each link. A list that is not known has no badge, which is not a zero. */
function useBadges(): Readonly<Record<string, BadgeSpec>> {
  const lists = useModel((model) => model.lists);
  const needs = needsOf(lists).items.filter((need) => !need.taken);
  const of = (...whats: readonly string[]): number => needs.filter(({ what }) => whats.includes(what)).length;
  const sick = (lists.plugins.good?.data ?? []).filter((row) => row.reason !== null).length;
  const specs: Record<string, BadgeSpec> = {
    '/': { value: needs.length, means: 'need you', tone: 'stopped' },
    '/tickets': { value: of('ticket'), means: 'need you', tone: 'paused' },
    '/daemons': { value: of('daemon'), means: 'down', tone: 'stopped' },
    '/probes': { value: of('incident', 'alert'), means: 'incidents and alerts', tone: 'stopped' },
    '/inbox': { value: of('message', 'untold'), means: 'not told', tone: 'paused' },
    '/approvals': { value: of('approval', 'decision'), means: 'wait for your word', tone: 'paused' },
    '/promotions': { value: of('proposal'), means: 'wait for your word', tone: 'dim' },
    '/events': { value: of('chain'), means: 'break', tone: 'stopped' },
    '/plugins': { value: sick, means: 'with a reason', tone: 'paused' },
  };
  return Object.fromEntries(Object.entries(specs).filter(([, spec]) => spec.value > 0));
}

const badgeTones = { stopped: 'bg-stopped', paused: 'bg-paused', dim: 'bg-dim' } as const;

function Badge({ value, means, tone, compact }: BadgeSpec & { readonly compact: boolean }): ReactNode {
  // Beside an icon alone there is room for a dot; the figure stays for the ear.
  return (
    <>
      {compact ? (
        <span
          aria-hidden="true"
          className={`absolute top-1 right-1 size-2 rounded-full md:hidden ${badgeTones[tone]}`}
        />
      ) : null}
      <span
        className={`ml-auto grid h-4 min-w-4 place-items-center rounded-sm px-1 text-xs font-semibold text-on-fill tabular-nums ${badgeTones[tone]} ${compact ? 'max-md:sr-only' : ''}`}
      >
        {count(value)}
        <span className="sr-only"> {means}</span>
      </span>
    </>
  );
}

function Brand(): ReactNode {
  const status = useList('status');
  return (
    <div className="flex h-12 items-center gap-2.5 border-b border-line px-[18px]">
      <svg
        width="20"
        height="20"
        viewBox="0 0 20 20"
        aria-hidden="true"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.25"
        className="shrink-0"
        strokeLinecap="round"
      >
        <path d="M5 3v14M15 3 5.5 10.5 15 17" strokeLinejoin="round" />
      </svg>
      <span className="min-w-0 leading-4 max-md:hidden">
        <span className="block text-base font-semibold">Kora</span>
        {status === null ? null : (
          <Line className="block truncate text-xs text-dim">{status.identity ?? status.workspace}</Line>
        )}
      </span>
    </div>
  );
}
