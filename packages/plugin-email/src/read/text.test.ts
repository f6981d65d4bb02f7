import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import { mail } from '../../fixtures/world.ts';
import { wordsOf } from './text.ts';

const said = async (subject: string, text: string): Promise<string> =>
  wordsOf(await PostalMime.parse(mail({ subject, text }))).text;

test('a mail that begins something is read with its subject, an answer without', async () => {
  expect(await said('The shop', 'is it up?')).toBe('The shop\n\nis it up?');
  expect(await said('Re: The shop', 'is it up?')).toBe('is it up?');
  expect(await said('how are you', '')).toBe('how are you');
});

test.each(['approve K7Q2M4TR', ' Deny k7q2m4tr.\n\n> quoted', 'ack 4', 'Ack, on it'])(
  'the word %j decides under whatever subject',
  async (text) => expect((await said('From my phone', text)).split('\n')[0]).toBe(text.trim().split('\n')[0]),
);

test('a word that only looks like one is read with its subject', async () => {
  expect(await said('The plan', 'approved budgets are attached')).toBe(
    'The plan\n\napproved budgets are attached',
  );
});
