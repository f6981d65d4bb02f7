import { domainOf } from '../config.ts';
import { never } from './refusal.ts';

/** Bytes of one attachment. */
export const largestAttachment: number = 10 * 1024 * 1024;
/** Bytes of all attachments of one mail. */
export const largestTogether: number = 25 * 1024 * 1024;
export const mostRecipients = 10;

/** Throws a permanent refusal before anything is said to a server. */
export function requireSendable(mail: {
  readonly from: string;
  readonly to: readonly string[];
  readonly fromDomains: readonly string[];
}): void {
  const { from, to, fromDomains } = mail;
  if (!fromDomains.includes(domainOf(from)))
    throw never(`${domainOf(from)} is none of the domains that mail may be sent from (fromDomains)`);
  if (to.length < 1 || to.length > mostRecipients)
    throw never(`a mail has 1 to ${mostRecipients} recipients, this one ${to.length}`);
  const wrong = to.find((one) => !/^[^@\s<>]+@[^@\s<>]+$/.test(one));
  if (wrong !== undefined) throw never(`"${wrong}" is no address`);
}

export interface Fitting<File> {
  readonly taken: readonly File[];
  readonly left: readonly File[];
}

/** Which files go along; what is too large is left behind, for the mail to say so. */
export function fitting<File extends { readonly size: number }>(files: readonly File[]): Fitting<File> {
  const taken: File[] = [];
  const left: File[] = [];
  let together = 0;
  for (const file of files) {
    if (file.size > largestAttachment || together + file.size > largestTogether) {
      left.push(file);
      continue;
    }
    together += file.size;
    taken.push(file);
  }
  return { taken, left };
}
