// A file of its own: a Node that is too old lacks the name, and would say only that instead of what bin.ts says to it.
import { enableCompileCache } from 'node:module';

enableCompileCache();
