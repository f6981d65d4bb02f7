export { deedDone, sessionEvents, sessionOpened, sessionRefused, sessionRevoked } from './events.ts';
export { endSessions, keepSession, noteSeen, openSessions } from './kept.ts';
