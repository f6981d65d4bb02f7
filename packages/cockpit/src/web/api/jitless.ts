import { config } from 'zod';

// The page's policy forbids making code from text. A schema decides how it will parse when it is made, so this stands
// in a module of its own that is imported before any schema.
config({ jitless: true });
