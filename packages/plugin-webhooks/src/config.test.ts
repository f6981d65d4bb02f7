import { expect, test } from 'vitest';
import { configSchema, proxiesOf } from './config.ts';
import { isProxy, neighbours, senderOf } from './judge/address.ts';

const rule = { ticket: { kind: 'webhook', title: 'Issue {body.issue.title}' } };
const source = { secrets: ['SECRET_1'], rules: [rule] };

function complaints(sources: object): string[] {
  const read = configSchema.safeParse({ sources });
  return (read.error?.issues ?? []).map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
}

test('without a word nothing is configured, and the port is the public one', () => {
  expect(configSchema.parse({})).toMatchObject({ host: '127.0.0.1', port: 9_118, sources: {}, proxies: [] });
  expect(complaints({ github: source })).toEqual([]);
});

test.each([
  [
    'a template that is none',
    { rules: [{ ticket: { ...rule.ticket, title: '{issue.title}' } }] },
    'sources.s.rules.0.ticket.title: {issue.title} names no place',
  ],
  [
    'one deep in a payload',
    { rules: [{ ticket: { ...rule.ticket, payload: { a: ['x', '{body.a'] } } }] },
    'sources.s.rules.0.ticket.payload.a.1: a lone {',
  ],
  [
    'a header that is not kept',
    { rules: [{ ticket: { ...rule.ticket, key: '{header.x-what}' } }] },
    'sources.s.rules.0.ticket.key: the header x-what is not kept',
  ],
  [
    'a condition that is none',
    { rules: [{ ...rule, when: { action: 'opened' } }] },
    'sources.s.rules.0.when.action: names no place',
  ],
  [
    'a condition on a header that is not kept',
    { rules: [{ ...rule, when: { 'header.x-what': 'a' } }] },
    'sources.s.rules.0.when.header.x-what: the header x-what is not kept',
  ],
  [
    'a rule that makes nothing',
    { rules: [{ when: {} }] },
    'sources.s.rules.0: makes a ticket or an incident',
  ],
  [
    'a rule that makes both',
    { rules: [{ ...rule, incident: { key: 'a', title: 'b' } }] },
    'sources.s.rules.0: makes a ticket or an incident',
  ],
  [
    'a failure without words',
    { rules: [{ incident: { key: '{body.id}' } }] },
    'sources.s.rules.0.incident.title: must say what fails',
  ],
  ['a delivery that is none', { delivery: '{body' }, 'sources.s.delivery: a lone {'],
  [
    'a header that may be a secret',
    { headers: ['x-api-token'] },
    'sources.s.headers.0: is not kept: it may be a secret',
  ],
  [
    'a secret that is no name',
    { secrets: ['hunter2'] },
    'sources.s.secrets.0: must be SECRET_1 to SECRET_20',
  ],
  ['no secret', { secrets: [] }, 'sources.s.secrets: '],
  ['a key that nobody knows', { secret: 'x' }, 'sources.s: Unrecognized key'],
])('%s is refused, and the key named', (_, given, expected) => {
  expect(complaints({ s: { ...source, ...given } })).toContainEqual(expect.stringContaining(expected));
});

test('headers that are named may be used', () => {
  const wanted = {
    ...source,
    headers: ['x-event-kind'],
    rules: [{ ...rule, when: { 'header.x-event-kind': ['a', 'b'] } }],
  };
  expect(complaints({ s: wanted })).toEqual([]);
});

test.each([
  ['nobody in between', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['a proxy of ours', '127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['what the sender wrote itself is before it', '127.0.0.1', '1.2.3.4, 198.51.100.1', '198.51.100.1'],
  ['two of ours', '::ffff:127.0.0.1', '1.2.3.4, 198.51.100.1, 10.1.2.3', '198.51.100.1'],
  ['a proxy that says nothing', '127.0.0.1', undefined, '127.0.0.1'],
  ['nonsense', '127.0.0.1', '1.2.3.4, <script>', '127.0.0.1'],
  ['over IPv6', '2001:db8::1', '2001:db8:ffff::7', '2001:db8:ffff::7'],
])('who sends: %s', (_, peer, forwarded, sender) => {
  const proxies = proxiesOf(['127.0.0.1', '10.0.0.0/8', '2001:db8::/64']);
  expect(senderOf(peer, forwarded, proxies)).toBe(sender);
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['unknown', 'unknown'],
  ['2001:db8:0:7::1', '2001:db8:0:7::/64'],
  ['2001:db8:0:7:ffff:ffff:ffff:ffff', '2001:db8:0:7::/64'],
  ['2001:0db8::7:0:0:0:2', '2001:db8:0:7::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
])('%s is counted with %s: more addresses of one network are no more callers', (address, whose) => {
  expect(neighbours(address)).toBe(whose);
});

test('without proxies nobody is believed on whom they speak for', () => {
  expect(senderOf('127.0.0.1', '198.51.100.1', proxiesOf([]))).toBe('127.0.0.1');
  expect(isProxy('unknown', proxiesOf(['0.0.0.0/0']))).toBe(false);
  expect(complaints({})).toEqual([]);
  expect(configSchema.safeParse({ proxies: ['10.0.0.0/33'] }).success).toBe(false);
  expect(configSchema.safeParse({ proxies: ['proxy.example'] }).success).toBe(false);
});
