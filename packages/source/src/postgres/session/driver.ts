import { createRequire } from 'node:module'
import type pg from 'pg'

/**
 * The driver, loaded as the CommonJS module that it is: as an ES module Node 24 gave it without its exports about once in a thousand starts of a thread, and the role that began there failed (seen by torture).
 */
const driver = createRequire(import.meta.url)('pg') as typeof pg

export const Client: typeof pg.Client = driver.Client
export const Pool: typeof pg.Pool = driver.Pool
