import { registerHooks } from 'node:module';

const ours = /^@kora\/runtime(\/|$)/;

/**
 * From now on a module of this process that finds no `@kora/runtime` beside itself gets ours. A plugin of two files has
 * nothing installed, and a linked one only what lies in its own folder; host and plugin share one copy anyway.
 */
export function lendRuntime(): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      try {
        return next(specifier, context);
      } catch (error) {
        if (!ours.test(specifier)) throw error;
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}
