import { describeLaw14 } from '@sheetflow/testkit/kits/law-14-kit'
import { LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { postgresServers } from '@sheetflow/testkit/postgres/majors'
import { afterAll, beforeAll, describe } from 'vitest'
import type { ViewStore } from '@sheetflow/core/ports/view-store'
import { openPostgresViews } from './view-store.ts'

describe.each(postgresServers())('$name', (on) => {
  let server: LivePostgres
  let store: ViewStore

  beforeAll(async () => {
    server = await LivePostgres.start({}, on)
    store = await openPostgresViews({ url: server.url('postgres'), schema: 'law_14' })
  })

  afterAll(async () => {
    await store[Symbol.asyncDispose]()
    await server.end()
  })

  describeLaw14('postgres', () => Promise.resolve(store))
})
