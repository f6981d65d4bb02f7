import { KoraError, messageOf } from '@kora/runtime/plugin';
import type { ChannelSpec, PluginContext } from '@kora/runtime/plugin';
import type { DNSResolver } from 'mailauth';
import type { Ready } from './config.ts';
import type { LearnedPattern } from './intent/learned.ts';
import { checkImap, listen } from './listen/listen.ts';
import type { Listening } from './listen/listen.ts';
import { systemResolver } from './read/proof.ts';
import { checkSmtp } from './send/check.ts';
import { sendMail } from './send/smtp.ts';
import type { Sending } from './send/smtp.ts';
import type { InboundDoor } from '@kora/runtime/plugin';

type House = Pick<
  PluginContext<unknown>,
  'artifacts' | 'chain' | 'clock' | 'log' | 'notify' | 'secret' | 'workspace'
>;

export interface ChannelParts {
  readonly config: Ready;
  readonly context: House;
  /** Default what the configuration names, else the machine's own. */
  readonly resolver?: DNSResolver;
  readonly idleAfterMs?: number;
  /** What was learned of subjects, as it stands now; default nothing. */
  readonly learned?: () => readonly LearnedPattern[];
}

/** The channel `email`; it listens where an IMAP server is configured. */
export function emailChannel(parts: ChannelParts): ChannelSpec {
  const { config, context } = parts;
  const sending: Sending = {
    config,
    workspace: context.workspace,
    artifacts: context.artifacts,
    password: () => context.secret('PASSWORD'),
    warn: (message, fields) => context.log.warn(message, fields),
  };
  const { imap } = config;
  const heard = imap === undefined ? undefined : (door: InboundDoor) => listeningOf(parts, imap, door);
  return {
    name: 'email',
    offers: { attachments: true, buttons: false, longestText: 100_000 },
    send: (message, signal) => sendMail(sending, message, signal),
    ...(heard === undefined ? {} : { listen: (door, signal) => listen(heard(door), signal) }),
    check: async (signal) => {
      const looks = [
        checkSmtp(sending, signal),
        ...(heard === undefined ? [] : [checkImap(heard(noDoor), signal)]),
      ];
      const found = await Promise.allSettled(looks);
      const wrong = found.flatMap((look) => (look.status === 'rejected' ? [messageOf(look.reason)] : []));
      return wrong.length === 0
        ? { ok: true, detail: said(config) }
        : { ok: false, detail: wrong.join('; and ') };
    },
  };
}

function said({ smtp, imap, address }: Ready): string {
  const out = `sends as ${address} over ${smtp.host}`;
  return imap === undefined
    ? `${out}; reads nothing (no imap)`
    : `${out}, reads ${imap.folder} at ${imap.host}`;
}

function listeningOf(
  { config, context, resolver, idleAfterMs, learned }: ChannelParts,
  imap: NonNullable<Ready['imap']>,
  door: InboundDoor,
): Listening {
  return {
    config,
    imap,
    context,
    door,
    learned,
    resolver: resolver ?? systemResolver(config.nameServers),
    // Most providers have one password for both.
    password: async () => (await context.secret('IMAP_PASSWORD')) ?? (await context.secret('PASSWORD')),
    ...(idleAfterMs === undefined ? {} : { idleAfterMs }),
  };
}

const shut = (): Promise<never> =>
  Promise.reject(new KoraError('PLUGIN_EMAIL_CHECKED', 'nothing is handed in while the channel is checked'));
const noDoor: InboundDoor = { accept: shut, refuse: shut, quarantine: shut, decide: shut, returned: shut };
