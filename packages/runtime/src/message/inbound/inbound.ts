import type { EventDraft } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import type { ChannelSpec, InboundDoor } from '../contract.ts';
import { inboundDoor } from './door.ts';
import { Listeners } from './listeners.ts';
import type { ListenerStanding } from './listeners.ts';
import type { InboundPorts } from './ports.ts';
import { Sealing } from './sealing.ts';
import { InboundWorker } from './worker.ts';

export interface InboundOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly clock: Clock;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly record: (drafts: readonly EventDraft[]) => Promise<void>;
  /** Sees that these artifacts are there and stay; throws KORA_ARTIFACT_UNKNOWN. */
  readonly attach: (tx: Transaction, artifactIds: readonly string[]) => Promise<void>;
  /** Takes secrets that this process knows out of a text. */
  readonly scrub: (text: string) => string;
  /** 32 bytes, under which what could not be read is kept. */
  readonly key: Buffer;
  /** Conversations that are handled at once. */
  readonly concurrency: number;
  /** What becomes of what others than the operator wrote. */
  readonly untrusted: 'refuse' | 'ticket';
  /** Milliseconds that whoever handles a message has it without a sign of life; default 30 000. */
  readonly leaseMs?: number;
  readonly ports: InboundPorts;
  /** The workspace's other channels, in their order; default the inbox. */
  readonly elsewhere?: (channel: string) => readonly string[];
  readonly onError: (where: string, error: unknown) => void;
}

/** What comes in: the doors of channels, who listens at them, and what becomes of it. */
export class Inbound {
  readonly sealing: Sealing;
  readonly #options: InboundOptions;
  readonly #worker: InboundWorker;
  readonly #listeners: Listeners;

  constructor(options: InboundOptions) {
    this.#options = options;
    this.sealing = new Sealing(options.key);
    this.#worker = new InboundWorker(options);
    const { clock, record, onError } = options;
    this.#listeners = new Listeners({ clock, record, onError, door: (channel) => this.door(channel) });
  }

  /** Where one channel hands in what it heard. */
  door(channel: string): InboundDoor {
    const { ports } = this.#options;
    return inboundDoor(
      {
        ...this.#options,
        sealing: this.sealing,
        decide: (answer) => ports.decide(answer),
        tell: (tx, message) => ports.tell(tx, message),
        elsewhere: this.#options.elsewhere ?? (() => ['inbox']),
        announce: () => this.#worker.kick(),
      },
      channel,
    );
  }

  /** Listens at a channel that can be listened at, from when the runtime is at work. The answer ends it. */
  listen(channel: ChannelSpec): () => Promise<void> {
    return this.#listeners.register(channel);
  }

  /** How the channels that listen stand, by name. */
  standing(): readonly ListenerStanding[] {
    return this.#listeners.list();
  }

  /** Something may be done about what waits: it was accepted, or released. */
  kick(): void {
    this.#worker.kick();
  }

  /** Listens and handles until aborted; then every channel ends, and what was begun is given back. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#listeners.run(signal), this.#worker.run(signal)]);
  }
}
