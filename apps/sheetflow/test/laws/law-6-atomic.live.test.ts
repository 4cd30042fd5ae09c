import { openPostgresViews, openPostgresViewsReadOnly } from '@sheetflow/store/sql/postgres/view-store'
import { LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { test } from 'vitest'
import { expectAtomic } from './atomic-ring.ts'

test('law 6, atomic: the same with the views in Postgres', async () => {
  const server = await LivePostgres.start()
  try {
    const place = { url: server.url('postgres'), schema: 'law_6' }
    await expectAtomic({ views: { open: () => openPostgresViews(place), openReader: () => openPostgresViewsReadOnly(place) } })
  } finally {
    await server.end()
  }
})
