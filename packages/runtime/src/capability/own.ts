import type { CapabilitySpec } from './contract.ts';

/** What the runtime's own tools, fixes and MCP doors need. None of it is allowed before somebody grants or approves it. */
export const ownCapabilities: readonly CapabilitySpec[] = [
  asks('cap_local_file_io', 'read, search and write files of this machine', 'high'),
  denies('cap_local_shell_exec', 'run commands and code on this machine'),
  asks('cap_browser_automation', 'drive a browser', 'high'),
  denies('cap_computer_use', 'use keyboard, pointer and screen of this machine'),
  asks('cap_web_fetch', 'search the web and read pages', 'low'),
  asks('cap_voice_io', 'speak and listen', 'low'),
  asks('cap_media_generate', 'make or look at pictures and films', 'low'),
  asks('cap_skill_invoke', 'use and change skills', 'high'),
  asks('cap_memory_io', 'read and write what is remembered', 'low'),
  asks('cap_agent_coord', 'hand work to another agent, or ask one', 'low'),
  asks('cap_outbound_message', 'write to somebody other than the operator', 'high'),
  asks('cap_local_task_mgmt', 'plan, move and close tasks', 'low'),
  asks('cap_ensemble_inference', 'ask several models at once', 'low'),
  asks('cap_read_runtime', 'read what the runtime knows: state, tickets, events, probes, incidents', 'low'),
  asks('cap_autofix', 'mend what a probe found broken', 'high'),
  asks('cap_ticket_create', 'add a ticket from outside', 'low'),
  asks('cap_ticket_work', 'claim, keep, release and resolve tickets from outside', 'high'),
  asks('cap_event_append', 'append an event from outside', 'high'),
  asks('cap_message_operator', 'write to the operator from outside', 'low'),
  asks('cap_alert_test', 'send a test alert', 'low'),
  asks('cap_pause_request', 'pause the runtime from outside', 'low'),
  asks('cap_resume_request', 'lift a pause that it placed itself', 'low'),
  asks('cap_stop_request', 'stop the runtime from outside, level 1 or 2', 'high'),
];

function asks(id: string, title: string, risk: CapabilitySpec['risk']): CapabilitySpec {
  return { id, title, risk, defaultVerdict: 'ask' };
}

function denies(id: string, title: string): CapabilitySpec {
  return { id, title, risk: 'high', defaultVerdict: 'denied' };
}
