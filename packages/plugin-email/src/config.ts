import { z } from 'zod';

/** One plain address: no display name, no group, nothing outside ASCII, in which two letters could look alike. */
const address = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(
    /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/,
    'must be one plain address, as in kora@example.com',
  );
const domain = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/, 'must be a domain, as in example.com');
/** `@example.com` is everybody of that domain. */
const allowed = z.union([
  address,
  z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/),
]);

const nameServer = z
  .string()
  .trim()
  .regex(
    /^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|\[[0-9A-Fa-f:]+\](?::\d{1,5})?|[0-9A-Fa-f]*:[0-9A-Fa-f:]*)$/,
    'must be the address of a name server, as in 127.0.0.1 or [::1]:5353',
  );

const server = {
  host: z.string().trim().min(1).max(253),
  /** Who logs in; default Kora's own address. */
  user: z.string().min(1).max(254).optional(),
  /** `implicit`: TLS from the first byte. `starttls`: asked for, and nothing is said without. `none`: on loopback only. */
  tls: z.enum(['implicit', 'starttls', 'none']).default('implicit'),
  /** A file with the authority, as PEM, that signed the server's certificate: it is believed, and no other is. */
  caFile: z.string().trim().min(1).max(4_096).optional(),
};

/** A password is never sent in the clear to another machine. */
function onlySealed(
  value: { readonly host: string; readonly tls: string },
  context: z.core.$RefinementCtx,
): void {
  if (value.tls !== 'none' || /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/.test(value.host)) return;
  context.addIssue({ code: 'custom', path: ['tls'], message: '"none" is for a server on loopback alone' });
}

const smtp = z
  .strictObject({ ...server, port: z.number().int().min(1).max(65_535).default(465) })
  .superRefine(onlySealed);

const imap = z
  .strictObject({
    ...server,
    port: z.number().int().min(1).max(65_535).default(993),
    folder: z.string().min(1).max(200).default('INBOX'),
    /** Milliseconds between two looks where the server says nothing by itself. */
    pollMs: z.number().int().min(1_000).max(3_600_000).default(60_000),
    /** Bytes one mail may have, attachments included; a larger one is put aside. */
    largestMail: z.number().int().min(10_000).max(50_000_000).default(26_214_400),
  })
  .superRefine(onlySealed);

const intent = z.strictObject({
  /** The kind of ticket that a mail becomes. */
  kind: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .default('general'),
  minConfidence: z.enum(['high', 'medium']).default('high'),
  /** Tickets out of mail in one hour; 0 is no bound. What is over it stays a message. */
  hourlyCap: z.number().int().min(0).max(1_000).default(10),
  /** Only says what it would do. */
  dryRun: z.boolean().default(false),
});

export const configSchema = z.strictObject({
  /** Kora's own address: what it writes from, and what a mail must be written to. */
  address: address.optional(),
  /** Beside the address, in From. */
  name: z.string().trim().min(1).max(60).default('Kora'),
  /** Whose word is an order, and where everything is sent; KORA_OPERATOR_EMAIL says it too. */
  operator: address.optional(),
  /** Further addresses that each mail goes to. */
  copies: z.array(address).max(9).default([]),
  /** Domains that Kora may write from; default that of `address` alone. */
  fromDomains: z.array(domain).min(1).optional(),
  smtp: smtp.optional(),
  /** Without it nothing is read. */
  imap: imap.optional(),
  /** Whose mail is read beside the operator's: addresses, or `@example.com`. It is never believed like theirs. */
  allow: z.array(allowed).max(200).default([]),
  /**
   * Names (authserv-id) under which the receiving host writes its Authentication-Results, `*.example.com` for all below;
   * without one, each mail's own DKIM signature is verified over DNS.
   */
  trustedHosts: z
    .array(
      z
        .string()
        .trim()
        .toLowerCase()
        .regex(/^(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/),
    )
    .max(20)
    .default([]),
  /** Name servers that are asked for signatures' keys, as `127.0.0.1` or `127.0.0.1:5353`; default those of the machine. */
  nameServers: z.array(nameServer).max(5).default([]),
  intent: intent.prefault({}),
});

export type EmailConfig = z.infer<typeof configSchema>;
export type SmtpConfig = z.infer<typeof smtp>;
export type ImapConfig = z.infer<typeof imap>;
export type IntentConfig = z.infer<typeof intent>;

/** The configuration once everything that sending needs is said. */
export interface Ready extends Omit<EmailConfig, 'fromDomains'> {
  readonly address: string;
  readonly operator: string;
  readonly smtp: SmtpConfig;
  readonly fromDomains: readonly string[];
}

/** What is not said yet, by its name in the configuration; an empty list when nothing is missing. */
export function missingIn({ address: own, operator, smtp: out }: EmailConfig): string[] {
  return [
    ...(own === undefined ? ['address'] : []),
    ...(operator === undefined ? ['operator (or KORA_OPERATOR_EMAIL)'] : []),
    ...(out === undefined ? ['smtp.host'] : []),
  ];
}

/** Undefined while something is missing. */
export function readyOf(config: EmailConfig): Ready | undefined {
  const { address: own, operator, smtp: out } = config;
  if (own === undefined || operator === undefined || out === undefined) return undefined;
  return { ...config, address: own, operator, smtp: out, fromDomains: config.fromDomains ?? [domainOf(own)] };
}

export function domainOf(mail: string): string {
  return mail.slice(mail.lastIndexOf('@') + 1);
}
