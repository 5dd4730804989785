/** `node --import` this: counts the files that a process and its threads load as modules, a line each into MODULES_FILE. */
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) appendFileSync(process.env['MODULES_FILE'] ?? '', `${url}\n`);
    return next(url, context);
  },
});
