export { registerAgent } from './agent.ts';
export type { AgentContext } from './agent.ts';
export { agentSchema } from './config.ts';
export type { AgentConfig } from './config.ts';
