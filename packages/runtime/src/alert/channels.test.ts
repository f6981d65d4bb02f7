import { describe, expect, test } from 'vitest';
import { conditionOf, minute, Simulation } from './testing/simulation.ts';
import type { Said } from './testing/simulation.ts';

const paused = conditionOf({
  source: 'paused',
  key: 'operator',
  category: 'operational_state',
  severity: 'critical',
  title: 'Kora is paused',
});
const chatDown = conditionOf({ source: 'channel', key: 'chat', category: 'channel', title: 'Channel chat' });
const routes = { critical: ['chat', 'mail', 'inbox'], warning: ['mail', 'inbox'] };

const ways = (said: readonly Said[]): string[] =>
  said.map(({ kind, channels }) => `${kind} ${channels.join('>')}`);

describe('the way of a severity', () => {
  test('is told on, and what is critical besides on each channel that hears of it', () => {
    const house = new Simulation({ ...routes, also: ['pager', 'chat'] });
    const said = house.look([paused, conditionOf()]);
    expect(ways(said)).toEqual(['alert chat>mail>inbox', 'alert pager', 'alert mail>inbox']);
    expect(new Set(said.map(({ key }) => key)).size).toBe(3);
    house.look([conditionOf()], minute);
    expect(ways(house.look([conditionOf()], minute))).toEqual(['resolved chat>mail>inbox', 'resolved pager']);
  });

  test('is not the channel that an alert is about, nor that of any in a summary', () => {
    const house = new Simulation({ critical: ['chat', 'mail', 'inbox'], warning: ['chat', 'mail', 'inbox'] });
    expect(ways(house.look([chatDown]))).toEqual(['alert mail>inbox']);
    const both = [
      chatDown,
      conditionOf({ ...chatDown, key: 'mail' }),
      conditionOf({ ...chatDown, key: 'pager' }),
    ];
    expect(ways(new Simulation(house.policy).look(both))).toEqual(['summary inbox']);
    house.look([], minute);
    expect(ways(house.look([], minute))).toEqual(['resolved mail>inbox']);
  });

  test('of a channel that goes up and down is one story: no storm of words about it', () => {
    const house = new Simulation({ settleMs: 0 });
    house.look([chatDown]);
    for (let turn = 0; turn < 60; turn += 1) house.look(turn % 2 === 0 ? [] : [chatDown], minute);
    // An hour of turns: what began, its end, and a word and an end for each cooldown.
    expect(house.said.length).toBeLessThanOrEqual(6);
  });
});

describe('a receipt', () => {
  test('says that it was told, and by which channel; one of a channel outside counts for more', () => {
    const house = new Simulation(routes);
    house.taken = () => null;
    house.look([paused]);
    house.look([paused], minute);
    expect(house.alert('operator')).toMatchObject({ heardAt: null, heardOver: null });
    house.taken = () => 'inbox';
    house.look([paused], minute / 2);
    expect(house.alert('operator')).toMatchObject({ heardOver: 'inbox' });
    house.taken = () => 'mail';
    house.look([paused], minute / 2);
    expect(house.alert('operator')).toMatchObject({ heardOver: 'mail' });
    house.taken = () => 'chat';
    house.look([paused], minute / 2);
    expect(house.alert('operator')).toMatchObject({ heardOver: 'mail' });
  });

  test('that does not come in its time hands what is critical on, and nothing else', () => {
    const house = new Simulation({ ...routes, up: new Set() });
    const [critical] = house.look([paused, conditionOf()]);
    house.look([paused, conditionOf()], 2 * minute - 1);
    expect(house.passed).toEqual([]);
    house.look([paused, conditionOf()], 1);
    expect(house.passed).toEqual([critical?.key]);
    house.taken = () => 'mail';
    house.look([paused, conditionOf()], 10 * minute);
    expect(house.passed).toHaveLength(1);
  });

  test('of what came back or became worse is a new one', () => {
    const house = new Simulation(routes);
    house.taken = () => 'chat';
    house.look([conditionOf()]);
    house.look([conditionOf()], minute);
    expect(house.alert('a')).toMatchObject({ heardOver: 'chat' });
    house.taken = () => null;
    house.look([conditionOf({ severity: 'critical' })], minute);
    expect(house.alert('a')).toMatchObject({ heardOver: null });
  });
});

describe('what only the inbox took', () => {
  const muted = (over = {}) => {
    const house = new Simulation({ ...routes, up: new Set(), ...over });
    house.taken = ({ kind }) => (kind === 'late' ? 'chat' : 'inbox');
    return house;
  };

  test('is told once when a channel outside is back, if it goes on; mild things together', () => {
    const house = muted();
    const all = [paused, conditionOf(), conditionOf({ key: 'b', category: 'plugin' })];
    house.look(all);
    expect(house.look(all, minute)).toEqual([]);
    house.policy = { ...house.policy, up: new Set(['mail']) };
    expect(ways(house.look(all, minute))).toEqual(['late mail>chat>inbox', 'late mail>inbox']);
    for (let looks = 0; looks < 10; looks += 1) expect(house.look(all, minute)).toEqual([]);
    expect(house.alert('operator')).toMatchObject({ heardOver: 'chat' });
  });

  test.each([
    ['is over', [], {}],
    ['is known', [paused], { acknowledgedAt: 1, acknowledgedBy: 'operator', acknowledgeReason: 'seen' }],
  ])('is not told again when it %s', (_, there, over) => {
    const house = muted();
    house.look([paused]);
    house.look([paused], minute);
    house.change('operator', over);
    house.policy = { ...house.policy, up: new Set(['chat']) };
    expect(house.look(there, minute).filter(({ kind }) => kind === 'late')).toEqual([]);
  });

  test('stays there where the inbox is the way', () => {
    const house = muted({ critical: ['inbox', 'chat'], up: new Set(['chat']) });
    house.look([paused]);
    expect(house.look([paused], minute)).toEqual([]);
  });
});

describe('a reminder', () => {
  const reminded = (over: object, known?: (house: Simulation) => void): string[] => {
    const house = new Simulation({ ...routes, ...over });
    house.taken = ({ channels }) => channels[0] ?? null;
    house.look([paused]);
    for (let looks = 0; looks < 20; looks += 1) {
      if (looks === 4) known?.(house);
      house.look([paused], 15 * minute);
    }
    return house.said.filter(({ kind }) => kind === 'escalation').map(({ channels }) => channels[0] ?? '');
  };
  const escalation = { afterMs: 15 * minute, repeatMs: 30 * minute, times: 4 };

  test('goes to the next channel, never to the inbox while there is another', () => {
    expect(reminded({})).toEqual(['mail', 'mail', 'mail', 'mail']);
    expect(reminded({ critical: ['inbox'] })).toEqual(['inbox', 'inbox', 'inbox', 'inbox']);
  });

  test('goes to the channels that are for it, one after the other, and is capped', () => {
    const channels = ['pager', 'phone'];
    expect(reminded({ escalation: { ...escalation, channels } })).toEqual([
      'pager',
      'phone',
      'phone',
      'phone',
    ]);
  });

  test('ends on every channel where one says to know', () => {
    const known = (house: Simulation) =>
      house.change('operator', {
        acknowledgedAt: house.now,
        acknowledgedBy: 'operator',
        acknowledgeReason: 'ack',
      });
    expect(reminded({ escalation: { ...escalation, channels: ['pager', 'phone'] } }, known)).toEqual([
      'pager',
      'phone',
    ]);
  });
});

describe('quiet hours', () => {
  test('hold warnings until they end, and then tell them together, with what is over by then', () => {
    const house = new Simulation({ ...routes, isQuiet: true, settleMs: 0 });
    const b = conditionOf({ key: 'b', category: 'plugin' });
    expect(house.look([conditionOf(), b])).toEqual([]);
    expect(house.look([conditionOf()], 60 * minute)).toEqual([]);
    expect(house.alert('b')).toMatchObject({ status: 'resolved', owed: 'quiet', toldAt: null });
    house.policy = { ...house.policy, isQuiet: false };
    const [one, ...more] = house.look([conditionOf()], 60 * minute);
    expect([one?.kind, one?.alertIds, more]).toEqual(['summary', [1, 2], []]);
    expect(one?.body).toContain('and is over again');
    expect(house.look([conditionOf()], 60 * minute)).toEqual([]);
  });

  test('never hold what is critical, nor its reminders', () => {
    const house = new Simulation({ ...routes, isQuiet: true });
    expect(ways(house.look([paused]))).toEqual(['alert chat>mail>inbox']);
    expect(ways(house.look([paused], 15 * minute))).toEqual(['escalation mail>chat>inbox']);
    // What became worse waits no more.
    const night = new Simulation({ ...routes, isQuiet: true });
    night.look([conditionOf()]);
    expect(night.look([conditionOf({ severity: 'critical' })], minute)).toHaveLength(1);
  });
});
