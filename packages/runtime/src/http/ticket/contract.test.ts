import { expect, test } from 'vitest';
import { mostAdded, ticketStatuses } from '../../ticket/index.ts';
import { mostTicketsAtOnce, ticketStatusSchema } from './contract.ts';

test('the API knows every status of a ticket, and takes as many at once as are added at once', () => {
  expect(ticketStatusSchema.options).toEqual([...ticketStatuses]);
  expect(mostTicketsAtOnce).toBe(mostAdded);
});
