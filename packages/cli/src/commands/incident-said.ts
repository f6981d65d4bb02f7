import type { Run } from '../context.ts';
import { usage } from '../fault.ts';
import { incidentId, incidentLines, timelineLines } from './incident.ts';

export const ack: Run = async (context) => {
  const { input, out } = context;
  const api = await context.client();
  const id = await incidentId(api, context);
  const reason = input.text('reason') ?? 'seen, from the command line';
  const row = await api.acknowledgeIncident(id, reason, input.span('for'));
  out.result(row, () => incidentLines(row, out));
  return 'ok';
};

export const silence: Run = async (context) => {
  const { input, out } = context;
  const forMs = input.span('for');
  if (forMs === undefined)
    throw usage('kora incident silence needs --for', 'kora incident silence 12 --for 4h --reason known');
  const reason = input.needed('reason');
  const api = await context.client();
  const row = await api.silenceIncident(await incidentId(api, context), reason, forMs);
  out.result(row, () => incidentLines(row, out));
  return 'ok';
};

export const note: Run = async (context) => {
  const { input, out } = context;
  const api = await context.client();
  const entries = await api.noteIncident(await incidentId(api, context), input.argument('text'));
  out.result(entries, () => timelineLines(entries, out));
  return 'ok';
};
