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

type Doubted = Extract<Proof, { readonly proved: false }>;

export type Doubt =
  | 'dkim_missing'
  | 'dkim_failed'
  | 'dkim_not_aligned'
  | 'dkim_body_uncovered'
  | 'dkim_headers_uncovered'
  | 'dmarc_failed'
  | 'from_ambiguous';

/** Signatures that one mail may have; lists and forwarders add theirs. */
const mostSignatures = 10;

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
  if (host === undefined) return proofBySignature(asked);
  if (host.proved !== true || bySpf(said, domainOf(asked.address))) return host;
  // It was a signature that was believed, and a host does not say of which words.
  return uncoveredIn(asked) ?? host;
}

/** The domain's own server handed it over: nobody could have added to what another had signed. */
function bySpf(said: Results | undefined, domain: string): boolean {
  return (said?.methods ?? []).some(
    ({ method, result, properties }) =>
      method === 'spf' && result === 'pass' && afterAt(properties['smtp.mailfrom']) === domain,
  );
}

/** What a signature of the sender's domain, or of one above or below it, leaves open. */
function uncoveredIn(asked: Asked): Proof | undefined {
  const domain = domainOf(asked.address);
  for (const value of valuesOf(asked.headers, 'dkim-signature')) {
    const tags = tagsIn(value);
    const signer = (tags.get('d') ?? '').toLowerCase();
    if (signer !== domain && !signer.endsWith(`.${domain}`) && !domain.endsWith(`.${signer}`)) continue;
    if (tags.has('l')) return doubt('dkim_body_uncovered');
    const open = openHeaders(asked, tags.get('h') ?? '');
    if (open !== undefined) return open;
  }
  return undefined;
}

/** The tags of a DKIM signature. */
function tagsIn(value: string): ReadonlyMap<string, string> {
  const pairs = value
    .slice(0, 8_192)
    .split(';')
    .map((tag): [string, string] => {
      const at = tag.indexOf('=');
      return [tag.slice(0, Math.max(0, at)).trim(), tag.slice(at + 1).trim()];
    });
  return new Map(pairs);
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
  const count = valuesOf(asked.headers, 'dkim-signature').length;
  if (count === 0) return doubt('dkim_missing');
  // Each one asks a name server of the sender's choice.
  if (count > mostSignatures) return doubt('dkim_failed', `more than ${mostSignatures} signatures`);
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
  // What another domain's name servers say would prove nothing: nobody waits for them.
  const awaited = results.find(({ status }) => status.result === 'temperror' && isAligned(status.aligned));
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
  return openHeaders(asked, signingHeaders?.keys ?? '');
}

function openHeaders(asked: Asked, keys: string): Doubted | undefined {
  const signed = keys
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

function doubt(reason: Doubt, detail?: string): Doubted {
  return { proved: false, reason, ...(detail === undefined || detail === '' ? {} : { detail }) };
}

/** The name servers that are configured, else the machine's own; ten seconds for a question at most. */
export function systemResolver(servers: readonly string[]): DNSResolver {
  const resolver = new Resolver({ timeout: 5_000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return async (name, type) => (await resolver.resolve(name, type)) as string[];
}
