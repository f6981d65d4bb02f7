import type { PluginSettings } from './plugin-index.ts';

interface Said {
  readonly code: string;
  readonly message: string;
  readonly fix?: string | undefined;
}

/** Of an index, what matters here. */
export interface SeenIndex {
  readonly host: { readonly packageJson: string; readonly dependencies: readonly string[] } | undefined;
  readonly rows: readonly { readonly id: string }[];
  readonly missing: readonly string[];
}

/** A plugin as a runtime has it, or as its manifest shows it: what of either matters here. */
export interface KnownPlugin {
  readonly id: string;
  readonly packageName: string;
  readonly version: string;
  readonly origin: 'bundled' | 'host';
  readonly trusted: boolean;
  readonly state: string;
  readonly directory: string;
  readonly reason?: Said | undefined;
  readonly pending?:
    | {
        readonly version: string;
        readonly outcome: 'parked' | 'refused' | 'restart_needed';
        readonly reason: Said;
      }
    | undefined;
}

/** Why a plugin is as it is, for whoever asks; also of one that is not there. */
export interface PluginWhy {
  readonly id: string;
  /** `not_installed` where there is none. */
  readonly state: string;
  readonly version: string | null;
  readonly origin: 'bundled' | 'host' | null;
  readonly trusted: boolean | null;
  readonly reason: { readonly code: string; readonly message: string; readonly fix?: string } | null;
  /** What was looked at, one sentence each, in the order in which it was. */
  readonly looked: readonly string[];
  /** The setting of kora.json that decided; null where none did. */
  readonly decided: string | null;
  /** The command or edit that mends it; null where there is nothing to mend. */
  readonly fix: string | null;
}

/** Answers for an id or a package name, from what is installed, what is running and what the host says of it. */
export function whyPlugin(
  index: SeenIndex,
  settings: PluginSettings,
  known: readonly KnownPlugin[],
  asked: string,
): PluginWhy {
  const plugin =
    known.find(({ id }) => id === asked) ?? known.find(({ packageName }) => packageName === asked);
  return plugin === undefined
    ? absent(index, settings, asked)
    : present(index, settings, { ...plugin, pending: plugin.pending });
}

function present(index: SeenIndex, settings: PluginSettings, plugin: KnownPlugin): PluginWhy {
  const { id, packageName, version, origin, trusted, state, directory, pending } = plugin;
  const reason = plugin.reason ?? pending?.reason ?? null;
  return {
    id,
    state,
    version,
    origin,
    trusted,
    reason: reason === null ? null : plainReason(reason),
    looked: [
      projectWords(index),
      origin === 'bundled'
        ? `${packageName} comes with kora`
        : `${packageName} is one of the project's dependencies`,
      `${directory} holds version ${version === '' ? 'that cannot be read' : version}`,
      ...settingWords(settings, [id, packageName]),
      trustWords(plugin),
      ...(pending === undefined
        ? []
        : [
            `version ${pending.version} is installed and ${waitWords[pending.outcome]}: ${pending.reason.message}`,
          ]),
    ],
    decided: decidedBy(settings, plugin),
    // What waits is mended first: it may well be the cure of the rest.
    fix: pending?.reason.fix ?? reason?.fix ?? null,
  };
}

function absent(index: SeenIndex, settings: PluginSettings, asked: string): PluginWhy {
  const { host, missing } = index;
  const isMissing = missing.includes(asked);
  const isOrdinary = !isMissing && host?.dependencies.includes(asked) === true;
  const [message, fix] = absenceWords(asked, host !== undefined, { isMissing, isOrdinary });
  return {
    id: asked,
    state: 'not_installed',
    version: null,
    origin: null,
    trusted: null,
    reason: { code: 'not_installed', message, fix },
    looked: [
      projectWords(index),
      `${index.rows.length} plugins are there: ${index.rows.map(({ id }) => id).join(', ') || 'none'}`,
      ...settingWords(settings, [asked]),
    ],
    decided: null,
    fix,
  };
}

function plainReason({ code, message, fix }: Said): NonNullable<PluginWhy['reason']> {
  return { code, message, ...(fix === undefined ? {} : { fix }) };
}

function absenceWords(
  asked: string,
  hasHost: boolean,
  { isMissing, isOrdinary }: { readonly isMissing: boolean; readonly isOrdinary: boolean },
): readonly [message: string, fix: string] {
  if (isMissing)
    return [
      `${asked} is named in the project's dependencies and is not installed`,
      'install them, then: kora plugin sync',
    ];
  if (isOrdinary)
    return [
      `${asked} is installed, and its package.json has no kora block: it is no plugin`,
      'ask its author',
    ];
  if (hasHost)
    return [`no dependency of the project has the id or the name ${asked}`, 'kora plugin add <its package>'];
  return ['there is no host project here whose dependencies could be plugins', 'npm create kora'];
}

const waitWords = {
  parked: 'waits for your word',
  refused: 'was not let in',
  restart_needed: 'comes with the next start',
} as const;

function projectWords({ host }: SeenIndex): string {
  return host === undefined ? 'no host project was found' : `the host project is ${host.packageJson}`;
}

function trustWords({ origin, trusted }: KnownPlugin): string {
  if (!trusted) return 'nobody named it in plugins.trusted: it runs in a process of its own';
  return origin === 'bundled'
    ? 'it is trusted because it comes with kora'
    : 'plugins.trusted names it: it shares the process of the runtime';
}

/** What each list of the host says of it. */
function settingWords(settings: PluginSettings, names: readonly string[]): readonly string[] {
  const lists = { deny: settings.deny, allow: settings.allow, trusted: settings.trusted };
  const named = Object.entries(lists).flatMap(([list, entries = []]) =>
    entries.some((entry) => names.includes(entry)) ? [`plugins.${list} names it`] : [],
  );
  return settings.mode === 'allowlist' ? ['plugins.mode is "allowlist"', ...named] : named;
}

function decidedBy(
  settings: PluginSettings,
  { id, packageName, reason, trusted, origin }: KnownPlugin,
): string | null {
  const isNamed = (list: readonly string[] | undefined): boolean =>
    (list ?? []).some((entry) => entry === id || entry === packageName);
  if (reason?.code === 'denied' || isNamed(settings.deny)) return 'plugins.deny';
  if (reason?.code === 'not_allowed') return 'plugins.mode';
  return trusted && origin === 'host' ? 'plugins.trusted' : null;
}
