import { Resolver } from 'node:dns/promises';
import type { DKIMResult, DNSResolver } from 'mailauth';
import { domainOf } from '../config.ts';
import type { Header } from './headers.ts';
import { valuesOf } from './headers.ts';
import { isTrusted, resultsIn } from './results.ts';
import type { Results } from './results.ts';

export type Proof =
  | { readonly proved: true; readonly by: 'dkim_aligned' | 'spf_aligned' | 'dmarc_pass' }
  | { readonly proved: false; readonly reason: Doubt; readonly detail?: string }
  /** Nobody could say for now: the mail stays as it is, and is looked at again. */
  | { readonly proved: 'later'; readonly detail: string };

export type Doubt =
  | 'dkim_missing'
  | 'dkim_failed'
  | 'dkim_not_aligned'
  | 'dkim_body_uncovered'
  | 'dkim_headers_uncovered'
  | 'dmarc_failed'
  | 'from_ambiguous';

export interface Asked {
  readonly raw: Uint8Array;
  readonly headers: readonly Header[];
  /** The one address in From. */
  readonly address: string;
  /** The header in which Kora's address stands. */
  readonly writtenIn: 'to' | 'cc';
  readonly trustedHosts: readonly string[];
  readonly resolver: DNSResolver;
}

/**
 * Whether the domain of the sender says that it sent the mail: by what a trusted receiving host found (DMARC, or DKIM or
 * SPF of that very domain), else by the mail's own DKIM signature, verified over DNS. A host that found DMARC failed is
 * believed as well.
 */
export async function proofOf(asked: Asked): Promise<Proof> {
  const said = trustedResults(asked.headers, asked.trustedHosts);
  const host = said === undefined ? undefined : proofByHost(said, domainOf(asked.address));
  if (host !== undefined) return host;
  return proofBySignature(asked);
}

/**
 * The topmost results of a trusted host: each host writes above what it was given, so a forged header of that name stands
 * below the true one.
 */
function trustedResults(headers: readonly Header[], trusted: readonly string[]): Results | undefined {
  if (trusted.length === 0) return undefined;
  return valuesOf(headers, 'authentication-results')
    .map(resultsIn)
    .find((results) => results !== undefined && isTrusted(results.host, trusted));
}

function proofByHost({ methods, host }: Results, domain: string): Proof | undefined {
  const dmarc = methods.filter(({ method }) => method === 'dmarc');
  if (dmarc.some(({ result }) => result === 'fail'))
    return { proved: false, reason: 'dmarc_failed', detail: `says ${host}` };
  if (dmarc.some(({ result, properties }) => result === 'pass' && properties['header.from'] === domain))
    return { proved: true, by: 'dmarc_pass' };
  const passed = (wanted: string, of: (properties: Readonly<Record<string, string>>) => string | undefined) =>
    methods.some(
      ({ method, result, properties }) => method === wanted && result === 'pass' && of(properties) === domain,
    );
  const dkim = passed('dkim', (has) => has['header.d'] ?? afterAt(has['header.i']));
  if (dkim) return { proved: true, by: 'dkim_aligned' };
  const spf = passed('spf', (has) => afterAt(has['smtp.mailfrom']));
  return spf ? { proved: true, by: 'spf_aligned' } : undefined;
}

function afterAt(value: string | undefined): string | undefined {
  return value === undefined ? undefined : domainOf(value.replace(/^<|>$/g, ''));
}

async function proofBySignature(asked: Asked): Promise<Proof> {
  if (valuesOf(asked.headers, 'dkim-signature').length === 0) return doubt('dkim_missing');
  // Loaded by the first mail that must be proved.
  const { dkimVerify, dmarc } = await import('mailauth');
  const raw = Buffer.from(asked.raw.buffer, asked.raw.byteOffset, asked.raw.byteLength);
  const { resolver, address } = asked;
  const { headerFrom, fromFields, results } = await dkimVerify(raw, { resolver, strict: true });
  const [from] = headerFrom;
  if (fromFields !== 1 || headerFrom.length !== 1 || from?.toLowerCase() !== address)
    return doubt('from_ambiguous', 'the signature names another From');
  const domain = domainOf(address);
  const aligned = results.filter(({ status }) => status.result === 'pass' && isAligned(status.aligned));
  const [best] = aligned.filter((one) => covers(one, asked) === undefined);
  if (best === undefined) return unproved(results, aligned, asked);
  const policy = await dmarc({
    headerFrom: [address],
    fromFields: 1,
    spfDomains: [],
    dkimDomains: aligned.map(({ signingDomain, status }) => ({
      domain: signingDomain ?? '',
      aligned: status.aligned ?? false,
    })),
    resolver,
  });
  if (policy === false || policy.status.result === 'none') return { proved: true, by: 'dkim_aligned' };
  if (policy.status.result === 'pass') return { proved: true, by: 'dkim_aligned' };
  if (policy.status.result === 'temperror')
    return { proved: 'later', detail: `the DMARC record of ${domain}` };
  return doubt('dmarc_failed', `${domain} wants a closer signature than ${best.signingDomain ?? 'that'}`);
}

function unproved(results: readonly DKIMResult[], aligned: readonly DKIMResult[], asked: Asked): Proof {
  const lacking = aligned.map((one) => covers(one, asked)).find((one) => one !== undefined);
  if (lacking !== undefined) return lacking;
  const awaited = results.find(({ status }) => status.result === 'temperror');
  if (awaited !== undefined)
    return { proved: 'later', detail: `the key of ${awaited.signingDomain ?? 'its domain'} in DNS` };
  const passed = results.find(({ status }) => status.result === 'pass');
  if (passed !== undefined)
    return doubt('dkim_not_aligned', `signed by ${passed.signingDomain ?? 'another domain'}`);
  return doubt('dkim_failed', results[0]?.status.comment);
}

/** What a signature leaves open: words could be added behind the body, or a header be written anew. */
function covers({ status, signingHeaders }: DKIMResult, asked: Asked): Proof | undefined {
  if ((status.underSized ?? 0) > 0) return doubt('dkim_body_uncovered');
  const signed = (signingHeaders?.keys ?? '')
    .toLowerCase()
    .split(':')
    .map((name) => name.trim());
  // Without the recipient and the id under the signature, a mail to somebody else could be sent on to Kora, and again.
  const wanted = ['from', 'subject', 'message-id', asked.writtenIn];
  const there = wanted.filter((name) => valuesOf(asked.headers, name).length > 0);
  const open = there.filter((name) => !signed.includes(name));
  return open.length === 0 ? undefined : doubt('dkim_headers_uncovered', `not signed: ${open.join(', ')}`);
}

function isAligned(aligned: string | false | undefined): boolean {
  return typeof aligned === 'string' && aligned !== '';
}

function doubt(reason: Doubt, detail?: string): Proof {
  return { proved: false, reason, ...(detail === undefined || detail === '' ? {} : { detail }) };
}

/** The name servers that are configured, else the machine's own; ten seconds for a question at most. */
export function systemResolver(servers: readonly string[]): DNSResolver {
  const resolver = new Resolver({ timeout: 5_000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return async (name, type) => (await resolver.resolve(name, type)) as string[];
}
