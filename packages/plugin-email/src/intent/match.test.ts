import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../config.ts';
import { intentOf, titleOf } from './match.ts';
import { decideIntent } from './ticket.ts';

const forwarded = '---------- Forwarded message ---------\nFrom: a';

describe('what a mail wants to become', () => {
  it.each([
    ['Idea: a boat', '', 'subject_idea_prefix', 'high', ['email', 'idea']],
    ['NOTE: the key is under the mat', '', 'subject_note_prefix', 'high', ['email', 'note']],
    [' todo : paint', '', 'subject_todo_prefix', 'high', ['email', 'todo']],
    ['todo:', '', 'unrecognized', 'unrecognized', []],
    ['Re: idea: a boat', '', 'unrecognized', 'unrecognized', []],
    ['ideal: world', '', 'unrecognized', 'unrecognized', []],
    ['A boat [SAVE]', '', 'explicit_save_bracket', 'high', ['email', 'idea']],
    ['A boat', 'see\n[save]', 'explicit_save_bracket', 'high', ['email', 'idea']],
    ['Fwd: A boat', '[save]', 'explicit_save_bracket', 'high', ['email', 'forward']],
    ['A boat', 'please Save to sea_ticket', 'explicit_save_phrase', 'high', ['email', 'idea']],
    ['A boat', 'save as idea', 'explicit_save_phrase', 'high', ['email', 'idea']],
    ['Save this', '', 'explicit_save_phrase', 'high', ['email', 'idea']],
    ['A boat', 'add to sea', 'explicit_save_phrase', 'high', ['email', 'idea']],
    ['A boat', 'add idea', 'explicit_save_phrase', 'high', ['email', 'idea']],
    ['A boat', 'add to search', 'unrecognized', 'unrecognized', []],
    ['Fwd: A boat', 'https://example.org/boat', 'fwd_with_url', 'medium', ['email', 'forward']],
    ['FW: A boat', 'no link', 'fwd_without_url', 'medium', ['email', 'forward']],
    ['A boat', `${forwarded}\nhttp://example.org`, 'fwd_with_url', 'medium', ['email', 'forward']],
    ['A boat', forwarded, 'fwd_without_url', 'medium', ['email', 'forward']],
    ['A boat', 'https://example.org/boat', 'unrecognized', 'unrecognized', []],
  ] as const)('%j with %j: %s', (subject, text, pattern, confidence, tags) => {
    expect(intentOf(subject, text)).toEqual({ pattern, confidence, tags });
  });

  it('names the ticket by the subject, without what programs put before it', () => {
    expect(titleOf('Fwd: RE: Fw: A boat', 'x')).toBe('A boat');
    expect(titleOf('Fwd:', '\n  A sentence. Another.')).toBe('A sentence.');
    expect(titleOf('', '')).toBe('A mail without a subject');
    expect(titleOf('x'.repeat(300), '')).toHaveLength(200);
  });

  it('says the same of the same mail, and always has a title', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (subject, text) => {
        expect(intentOf(subject, text)).toEqual(intentOf(subject, text));
        const title = titleOf(subject, text);
        expect(title.length).toBeGreaterThan(0);
        expect(title.length).toBeLessThanOrEqual(200);
      }),
    );
  });
});

describe('whether it becomes a ticket', () => {
  const config = configSchema.parse({}).intent;
  const letter = {
    messageId: '<a@example.org>',
    from: 'joe@example.org',
    subject: 'Idea: a boat',
    text: 'x',
  };
  const forward = { ...letter, subject: 'Fwd: a boat' };

  it('does, by its Message-ID, so that the same mail is one ticket (daemon defect W74)', () => {
    const { action, ticket } = decideIntent({ ...letter, text: 'y'.repeat(10_000) }, config, 0);
    expect(action).toBe('created');
    expect(ticket).toMatchObject({
      key: '<a@example.org>',
      kind: 'general',
      title: 'Idea: a boat',
      trusted: false,
    });
    expect(ticket?.payload['text']).toHaveLength(8_192);
  });

  it.each([
    ['a plain word', { ...letter, subject: 'Hello' }, {}, 0, 'logged_only', 'no_pattern_matched'],
    ['below the floor', forward, {}, 0, 'logged_only', 'below_floor_high'],
    ['at the floor', forward, { minConfidence: 'medium' }, 0, 'created', null],
    ['a dry run', letter, { dryRun: true }, 99, 'dry_run', null],
    ['the last under the cap', letter, { hourlyCap: 3 }, 2, 'created', null],
    ['over the cap', letter, { hourlyCap: 3 }, 3, 'cap_exceeded', 'hourly_cap_3'],
    ['no cap', letter, { hourlyCap: 0 }, 500, 'created', null],
  ] as const)('%s', (_name, mail, more, inLastHour, action, reason) => {
    const decided = decideIntent(mail, { ...config, ...more }, inLastHour);
    expect(decided).toMatchObject({ action, reason });
    expect(decided.ticket === undefined).toBe(action !== 'created');
  });
});
