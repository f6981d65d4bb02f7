import { describe, expect, it } from 'vitest';
import { HostPlaces } from './host-places.ts';

describe('places at a host', () => {
  it('are given in the order they were asked for, as others are given back', () => {
    const places = new HostPlaces(2);
    const [first, second, third, fourth] = [1, 2, 3, 4].map(() => places.queue('db'));
    const granted = (): (boolean | undefined)[] =>
      [first, second, third, fourth].map((each) => each?.isGranted());
    expect(granted()).toEqual([true, true, false, false]);
    expect(places.queue('web').isGranted()).toBe(true);
    second?.leave();
    second?.leave();
    expect(granted()).toEqual([true, false, true, false]);
    // One that goes away while it waits is not waited for.
    fourth?.leave();
    first?.leave();
    third?.leave();
    expect(places.queue('db').isGranted()).toBe(true);
  });
});
