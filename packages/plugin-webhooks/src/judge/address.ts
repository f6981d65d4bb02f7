import { isIP } from 'node:net';
import type { BlockList } from 'node:net';

/**
 * Whose request it is: who is connected, or, where that is a proxy of ours, the last in `x-forwarded-for` who is none.
 * What stands before that was written by the sender and proves nothing.
 */
export function senderOf(
  peer: string | undefined,
  forwarded: string | undefined,
  proxies: BlockList,
): string {
  let here = plain(peer ?? '');
  const hops = (forwarded ?? '').split(',').map((hop) => plain(hop.trim()));
  while (isProxy(here, proxies)) {
    const before = hops.pop();
    if (before === undefined || isIP(before) === 0) return here;
    here = before;
  }
  return here === '' ? 'unknown' : here;
}

export function isProxy(address: string, proxies: BlockList): boolean {
  const version = isIP(address);
  return version !== 0 && proxies.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

/** An IPv4 address as such, also where the socket is one of IPv6. */
export function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Whom an address is counted with: of IPv6 the /64, for whoever has one address there has all of them. */
export function neighbours(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const [left, right] = [groups(head), groups(tail ?? '')];
  // An IPv4 address at the end is two groups.
  const behind = right.length + (right.at(-1)?.includes('.') === true ? 1 : 0);
  const between = tail === undefined ? 0 : Math.max(0, 8 - left.length - behind);
  const all = [...left, ...Array.from({ length: between }, () => '0'), ...right];
  const first = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}
