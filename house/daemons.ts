/**
 * Every daemon of the first party with its fatal flag: those that exist, by the package that brings them, and those that
 * later work brings (`null`). A daemon is fatal where a runtime without it would be worse than none. What
 * the predecessor ran as a daemon and is a channel here, which the runtime keeps listening by itself, has the channel's
 * name; a promotion loop, which the runtime runs on its schedule, has the loop's. docs/daemons.md shows the same table.
 */
export const firstPartyDaemons: Readonly<
  Record<
    string,
    {
      readonly fatal: boolean;
      readonly package: string | null;
      readonly channel?: string;
      readonly loop?: string;
    }
  >
> = {
  heartbeat_probes: { fatal: false, package: 'plugin-probes' },
  probe_wake: { fatal: false, package: 'plugin-probes' },
  promote_probe_fix_envelopes: {
    fatal: false,
    package: 'promote-loops',
    loop: 'promote_probe_fix_envelopes',
  },
  reasoning_engine: { fatal: true, package: 'plugin-reasoning' },
  slack_client: { fatal: false, package: 'plugin-slack', channel: 'slack' },
  email_client: { fatal: false, package: 'plugin-email', channel: 'email' },
  email_inbound_imap: { fatal: false, package: 'plugin-email', channel: 'email' },
  alert_notifier: { fatal: false, package: null },
  alert_wake: { fatal: false, package: 'plugin-probes' },
  cost_telemetry: { fatal: false, package: null },
  mcp_consumption: { fatal: false, package: 'plugin-mcp' },
  webhooks: { fatal: false, package: 'plugin-webhooks' },
  sea_ticket_poller: { fatal: false, package: null },
  promote_phrasebook: { fatal: false, package: 'promote-loops', loop: 'promote_phrasebook' },
  promote_snapshot_expand: { fatal: false, package: 'promote-loops', loop: 'promote_snapshot_expand' },
  promote_router_tuning: { fatal: false, package: 'promote-loops', loop: 'promote_router_tuning' },
  promote_tool_trimming: { fatal: false, package: 'promote-loops', loop: 'promote_tool_trimming' },
  promote_email_intent: { fatal: false, package: 'promote-loops', loop: 'promote_email_intent' },
};
