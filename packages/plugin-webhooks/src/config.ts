import { BlockList, isIP } from 'node:net';
import { ticketPriorities } from '@kora/runtime/plugin';
import { z } from 'zod';
import { keptHeaders } from './judge/kept-headers.ts';
import { placeOf } from './template/path.ts';
import { troublesIn } from './template/payload.ts';

/** Which of the plugin's own secrets: the operator says it in `KORA_PLUGIN_WEBHOOKS_SECRET_1` and so on. */
const secretName = z.string().regex(/^SECRET_(?:[1-9]|1\d|20)$/, 'must be SECRET_1 to SECRET_20');
const template = z.string().min(1).max(2_000);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const ticket = z.strictObject({
  kind: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be a-z, 0-9 and _, and begin with a letter'),
  title: template,
  objective: template.optional(),
  priority: z.enum(ticketPriorities).default('normal'),
  /** Any JSON; each text in it is a template, and one that is a single `{…}` becomes what was sent there. */
  payload: z.record(z.string(), z.unknown()).default({}),
  /** One ticket for each of it; default each webhook. */
  key: template.optional(),
});

const incident = z.strictObject({
  /** What fails: one probe for each. */
  key: template,
  is: z.enum(['failing', 'well']).default('failing'),
  /** One sentence: what fails, for an incident's detail. */
  title: template.optional(),
  status: z.enum(['unhealthy', 'degraded']).default('unhealthy'),
  /** Counts as well when nothing more was heard for so long; default never. */
  endsAfterMinutes: z.number().int().min(1).max(43_200).optional(),
});

const rule = z.strictObject({
  /** Places and what must stand there: one value, or a list of which one must. Empty is always. */
  when: z.record(z.string(), z.union([scalar, z.array(scalar).min(1).max(50)])).default({}),
  ticket: ticket.optional(),
  incident: incident.optional(),
});

const source = z
  .strictObject({
    /** How it is signed. */
    scheme: z.enum(['generic', 'github', 'slack']).default('generic'),
    /** Names of secrets, any of which may have signed it: two while one takes the place of the other. */
    secrets: z.array(secretName).min(1).max(4),
    /** Seconds that the sender's clock may be off and the way may take; GitHub signs no time. */
    freshSeconds: z.number().int().min(10).max(3_600).default(300),
    /** Bytes. */
    largestBody: z.number().int().min(1_000).max(5_000_000).default(1_048_576),
    /** Requests that one address may make in a minute. */
    perMinute: z.number().int().min(1).max(6_000).default(60),
    /** Headers that are kept beside the usual ones, for templates. */
    headers: z
      .array(
        z
          .string()
          .regex(/^x-[a-z0-9-]{1,90}$/, 'must begin with x-, in lower case')
          .refine(
            (name) => !/signature|token|secret|auth|api-?key/.test(name),
            'is not kept: it may be a secret',
          ),
      )
      .max(10)
      .default([]),
    /** What the sender calls this webhook: the same is taken once. Default as the scheme has it. */
    delivery: template.optional(),
    /** Days in which the same webhook is known again. */
    replayDays: z.number().int().min(1).max(400).default(90),
    /** The first that fits counts. */
    rules: z.array(rule).min(1).max(50),
    /** What no rule fits: kept as a dead letter, or let go. */
    otherwise: z.enum(['dead_letter', 'ignore']).default('dead_letter'),
  })
  .superRefine((given, context) => {
    const known: ReadonlySet<string> = new Set([...keptHeaders, ...given.headers]);
    const { delivery, rules } = given;
    const found = [
      ...(delivery === undefined ? [] : troublesIn(delivery, known, ['delivery'])),
      ...rules.flatMap((each, at) => ruleTroubles(each, known).map(under(['rules', at]))),
    ];
    for (const { path, message } of found) context.addIssue({ code: 'custom', path: [...path], message });
  });

type Trouble = ReturnType<typeof troublesIn>[number];

function under(head: readonly (string | number)[]): (trouble: Trouble) => Trouble {
  return ({ path, message }) => ({ path: [...head, ...path], message });
}

function ruleTroubles(
  { when, ticket, incident }: z.infer<typeof rule>,
  known: ReadonlySet<string>,
): Trouble[] {
  const places = Object.keys(when).flatMap((path): Trouble[] => {
    const place = placeOf(path);
    const at = ['when', path];
    if (place === undefined)
      return [{ path: at, message: 'names no place: write body.a.b[0] or header.x-name, in lower case' }];
    const [name] = place.steps;
    if (place.root === 'header' && !known.has(String(name)))
      return [{ path: at, message: `the header ${name} is not kept: name it in "headers"` }];
    return [];
  });
  const one: Trouble[] =
    (ticket === undefined) === (incident === undefined)
      ? [{ path: [], message: 'makes a ticket or an incident: one of the two' }]
      : [];
  const nameless: Trouble[] =
    incident?.is === 'failing' && incident.title === undefined
      ? [{ path: ['incident', 'title'], message: 'must say what fails' }]
      : [];
  const texts = (value: object | undefined, head: string): Trouble[] =>
    value === undefined ? [] : troublesIn(value, known).map(under([head]));
  return [...places, ...one, ...nameless, ...texts(ticket, 'ticket'), ...texts(incident, 'incident')];
}

export const configSchema = z.strictObject({
  /** Where webhooks arrive, behind whatever ends their TLS. */
  host: z.string().min(1).max(253).default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(9_118),
  /** Addresses, or nets as in 10.0.0.0/8, of proxies of our own: only their word on whom they speak for is believed. */
  proxies: z
    .array(z.string().refine(isNet, 'must be an address, or a net as in 10.0.0.0/8'))
    .max(50)
    .default([]),
  /** Who may send, by name: its address is `/webhooks/NAME`. Without one nothing listens. */
  sources: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be a-z, 0-9 and -, and begin with a letter'),
      source,
    )
    .default({}),
  /** Days for which dead letters are kept. */
  letterDays: z.number().int().min(1).max(400).default(30),
});

export type WebhooksConfig = z.infer<typeof configSchema>;
export type SourceConfig = z.infer<typeof source>;
export type RuleConfig = z.infer<typeof rule>;
export type TicketRule = z.infer<typeof ticket>;
export type IncidentRule = z.infer<typeof incident>;

function netOf(
  text: string,
): { readonly address: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' } | undefined {
  const [, address = '', size] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const bits = size === undefined ? most : Number(size);
  return bits > most ? undefined : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

function isNet(text: string): boolean {
  return netOf(text) !== undefined;
}

/** The proxies as what can be asked. */
export function proxiesOf(nets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const net of nets.map(netOf)) if (net !== undefined) list.addSubnet(net.address, net.bits, net.family);
  return list;
}
