import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reasonRoutes } from '../route/contract.ts';
import { guardedCapabilities, routeSets } from './route-sets.ts';
import { declared, house, reading, toolbox } from './testing/toolbox.ts';
import type { Toolbox } from './testing/toolbox.ts';

const capabilities = Object.keys(declared).filter((each) => !/pause|resume|stop/.test(each));

function oneOfEach(): Toolbox {
  const box = toolbox();
  for (const capability of capabilities)
    box.tools.registry.register(reading({ name: capability.toLowerCase(), capability }), house);
  return box;
}

const offered = async (
  box: Toolbox,
  asker: Parameters<Toolbox['tools']['advertised']>[0],
): Promise<string[]> => (await box.tools.advertised(asker)).map(({ name }) => name);

test('each route has its set', () => {
  expect(Object.keys(routeSets).sort()).toEqual([...reasonRoutes].sort());
  const guarded = reasonRoutes.filter((route) => routeSets[route] === 'guarded');
  expect(guarded).toEqual([
    'email_inbound',
    'email_outbound_compose',
    'mcp_tool',
    'alert_investigation',
    'probe_investigation',
    'tool_loop_iteration',
    'unknown',
  ]);
});

test('where strangers speak, an engine that is granted everything is offered reading and the message to the operator', async () => {
  const box = oneOfEach();
  for (const capability of capabilities) box.grants.add(`engine ${capability}`);
  for (const route of reasonRoutes) {
    const names = await offered(box, { route, caller: 'engine' });
    expect(names, route).toEqual(
      routeSets[route] === 'guarded' ? [...guardedCapabilities].sort() : [...capabilities].sort(),
    );
  }
});

test('a ticket or a question with text of strangers in it is offered no more than a route of theirs', async () => {
  const box = oneOfEach();
  for (const capability of capabilities) box.grants.add(`engine ${capability}`);
  for (const route of reasonRoutes)
    expect(await offered(box, { route, caller: 'engine', untrusted: true })).toEqual(
      [...guardedCapabilities].sort(),
    );
  // Not even what the operator granted to the route of tickets: it was granted to tickets that can be believed.
  box.grants.add('route:ticket cap_ticket_create');
  expect(await offered(box, { route: 'ticket', caller: 'engine', untrusted: true })).not.toContain(
    'cap_ticket_create',
  );
});

test('the operator’s word for one route of strangers widens that route and no other', async () => {
  const box = oneOfEach();
  box.grants.add('route:email_inbound cap_ticket_create');
  expect(await offered(box, { route: 'email_inbound', caller: 'engine' })).toEqual(['cap_ticket_create']);
  for (const route of reasonRoutes.filter(
    (each) => routeSets[each] === 'guarded' && each !== 'email_inbound',
  ))
    expect(await offered(box, { route, caller: 'engine' })).toEqual([]);
});

test('where the operator speaks, what may be asked about is offered, and what is denied without a grant is not', async () => {
  const box = oneOfEach();
  expect(await offered(box, { route: 'cli', caller: 'engine' })).toEqual([
    'cap_message_operator',
    'cap_read_runtime',
    'cap_ticket_create',
  ]);
  box.grants.add('engine cap_local_shell_exec');
  expect(await offered(box, { route: 'cli', caller: 'engine' })).toContain('cap_local_shell_exec');
});

test('a tool of an untrusted plugin is offered to nobody who was not granted it: its description is a stranger’s word', async () => {
  const box = toolbox();
  box.tools.registry.register(reading({ capability: 'cap_ticket_create' }), { id: 'tides', trusted: false });
  for (const route of reasonRoutes) expect(await offered(box, { route, caller: 'engine' })).toEqual([]);
  box.grants.add('engine cap_ticket_create');
  expect(await offered(box, { route: 'cli', caller: 'engine' })).toEqual(['look']);
});

test('whatever is granted to whom: on a route of strangers nothing is offered but what that route was granted, or is harmless and granted', async () => {
  const subjects = ['engine', ...reasonRoutes.map((route) => `route:${route}`)];
  const grant = fc.tuple(fc.constantFrom(...subjects), fc.constantFrom(...capabilities));
  await fc.assert(
    fc.asyncProperty(
      fc.array(grant, { maxLength: 12 }),
      fc.constantFrom(...reasonRoutes),
      fc.boolean(),
      async (grants, route, untrusted) => {
        const box = oneOfEach();
        for (const [subject, capability] of grants) box.grants.add(`${subject} ${capability}`);
        const names = await offered(box, { route, caller: 'engine', untrusted });
        if (!untrusted && routeSets[route] === 'granted') return;
        for (const name of names) {
          const has = (subject: string): boolean => box.grants.has(`${subject} ${name}`);
          const harmless = guardedCapabilities.has(name) && (has('engine') || has(`route:${route}`));
          const said = routeSets[route] === 'guarded' && has(`route:${route}`);
          expect(harmless || said, `${name} on ${route}`).toBe(true);
        }
      },
    ),
    { numRuns: 300 },
  );
});
