import type { Clock } from './clock/index.ts';
import type { shape } from './http/index.ts';
import type { OutboundMessage } from './message/index.ts';
import type { Transition } from './state/index.ts';
import type { OpenEmbedded } from './store/index.ts';

/** What `createKora` is given: everything the runtime takes from outside comes in here. */
export interface KoraOptions {
  /** Absolute; created if it is not there. */
  readonly home: string;
  /** `--config`; without it `kora.json` of the host project or of the home. */
  readonly configFile?: string;
  /** Where the search for the host project begins. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly port?: number;
  readonly host?: string;
  readonly workspace?: string;
  /** Package folders of the plugins that come with whoever starts the runtime. */
  readonly bundled: readonly string[];
  /** The embedded PostgreSQL of `@kora/postgres`, or what stands in for it; without one a database URL is needed. */
  readonly openEmbeddedPostgres?: OpenEmbedded;
  /** Takes a store that holds events and that this home never saw. */
  readonly adopt?: boolean;
  /** Whatever database is configured stays untouched: the rows go where `openEmbeddedPostgres` puts them. */
  readonly ephemeral?: boolean;
  /** Set by `checkBoot` alone: the rooms are built to be looked at, and write nothing. */
  readonly checkOnly?: boolean;
  /** One readable line a phase. */
  readonly onProgress?: (line: string) => void;
  /** Each message to the operator as it reaches the inbox. */
  readonly onMessage?: (message: OutboundMessage) => void;
  readonly onState?: (transition: Transition) => void;
  /** Aborting ends a boot that waits, and the runtime. */
  readonly signal?: AbortSignal;
  /** Default the machine's. */
  readonly clock?: Clock;
}

export interface KoraReady {
  readonly url: string;
  /** Opens the page signed in, once; null when no plugin serves a page. */
  readonly cockpitUrl: string | null;
  /** Where the pages of untrusted plugins are; null while there are none. */
  readonly guestUrl: string | null;
  readonly pid: number;
  readonly bootMs: number;
  readonly primaryState: string;
  readonly boot: shape.BootReport;
}

export interface Kora {
  readonly ready: KoraReady;
  /** Resolves when everything is closed. */
  readonly closed: Promise<{ readonly exitCode: number; readonly reason: string }>;
  /** The orderly end; the first reason stays. Resolves when everything is closed. */
  stop(reason: string): Promise<void>;
}
