import { createRequire } from 'node:module'
import type pg from 'pg'

/**
 * The module `pg`, loaded as the CommonJS module that it is: as an ES module Node 24 gave it without its exports about once in a thousand starts of a thread, and the role that began there failed (seen by torture).
 * Nobody else imports its values: `scripts/layers/imports.ts`.
 */
const module = createRequire(import.meta.url)('pg') as typeof pg

export const Client: typeof pg.Client = module.Client
export const Pool: typeof pg.Pool = module.Pool
