import { describeViewStore } from '@sheetflow/testkit/kits/view-store-kit'
import { LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { storeServers } from '@sheetflow/testkit/postgres/majors'
import { afterAll, beforeAll, describe } from 'vitest'
import type { PostgresStoreOptions } from './connection.ts'
import { openPostgresViews, openPostgresViewsReadOnly } from './view-store.ts'

describe.each(storeServers())('$name', (on) => {
  let server: LivePostgres
  let labs = 0

  beforeAll(async () => {
    server = await LivePostgres.start({}, on)
  })

  afterAll(async () => {
    await server.end()
  })

  describeViewStore('postgres', () => {
    const argument: PostgresStoreOptions = { url: server.url('postgres'), schema: `kit_${++labs}`, connections: 2 }
    return Promise.resolve({
      open: () => openPostgresViews(argument),
      openReader: () => openPostgresViewsReadOnly(argument),
      remote: {
        module: new URL('./view-store.ts', import.meta.url).href,
        open: 'openPostgresViews',
        openReader: 'openPostgresViewsReadOnly',
        argument,
      },
      // The server is thrown away with everything on it.
      [Symbol.asyncDispose]: () => Promise.resolve(),
    })
  })
})
