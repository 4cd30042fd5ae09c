import { readFileSync } from 'node:fs'

/** The version of the server, as its package says: what a client is told when it connects. */
export const VERSION: string = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version
