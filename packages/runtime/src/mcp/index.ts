export { mcpTools } from './contract.ts';
export type {
  McpCall,
  McpCaller,
  McpContext,
  McpInputs,
  McpServerSeen,
  McpTool,
  McpTurnedAway,
} from './contract.ts';
export { McpDesk } from './desk.ts';
export type { McpDeeds, McpDeedTable, McpDoer } from './desk.ts';
export { mcpEvents } from './events.ts';
export { addToken, listTokens, revokeToken, unknownToken } from './tokens.ts';
export type { McpTokenView } from './tokens.ts';
