/** Where a question comes from. It decides what may be used, what is told apart in figures, and who is believed. */
export const reasonRoutes = [
  'slack_dm',
  'email_inbound',
  'email_outbound_compose',
  'mcp_tool',
  'alert_investigation',
  'probe_investigation',
  'tool_loop_iteration',
  'scheduled_task',
  'ticket',
  'cli',
  'cockpit',
  'unknown',
] as const;
export type ReasonRoute = (typeof reasonRoutes)[number];
