import { placeIn } from './look.ts';
import type { Place, Seen } from './look.ts';
import type { Belief } from './world.ts';

export function isReady(place: Place | undefined): boolean {
  return place?.at === 'ready' && place.due;
}

export function isVoid(seen: Seen, place: Place | undefined): boolean {
  return place?.at === 'lease' && (place.due || !seen.living.has(place.session ?? ''));
}

export function holds(seen: Seen, { claim, sessionId }: Pick<Belief, 'claim' | 'sessionId'>): boolean {
  const place = placeIn(seen, claim.ticketId);
  return place?.at === 'lease' && place.fence === claim.fence && place.session === sessionId;
}

export function leasesOf(seen: Seen, sessionId: string): string[] {
  return seen.tickets
    .flatMap(({ ticketId, places: [place] }) =>
      place?.session === sessionId ? [`${ticketId} ${place.fence}`] : [],
    )
    .toSorted();
}
