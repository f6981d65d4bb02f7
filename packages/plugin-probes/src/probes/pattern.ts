import { RE2JS } from 're2js';

const compiled = new Map<string, RE2JS>();
const mostCompiled = 500;

/** Whether a pattern in RE2's syntax is found in a text, in time linear in the text. Throws on one that does not compile. */
export function matchesPattern(text: string, pattern: string): boolean {
  let machine = compiled.get(pattern);
  if (machine === undefined) {
    machine = RE2JS.compile(pattern);
    // A configuration holds a handful; what was reconfigured away must not stay for good.
    if (compiled.size >= mostCompiled) compiled.clear();
    compiled.set(pattern, machine);
  }
  return machine.matcher(text).find();
}
