/**
 * The disk under the views in Postgres is full. Expected: `store/full`, nothing of that apply is stored, and it is over by itself when there is room.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { RowJson } from '@sheetflow/core/message'
import { ask, created, filled, plan, rows, sheet, STREAM, transaction, VIEW } from '@sheetflow/testkit/kits/view-store-lab'
import { UNPRIVILEGED_ID } from '@sheetflow/testkit/postgres/binaries'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { smallDisk } from '@sheetflow/testkit/small-disk'
import { expect, test } from 'vitest'
import { openPostgresViews } from './view-store.ts'

/** What fits in no more than its own length. */
function bulky(id: number): RowJson {
  return [id, randomBytes(1_500).toString('base64')]
}

test('a full disk is store/full, leaves nothing of that apply, and is over by itself when there is room', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'sheetflow-full-'))
  const unmount = smallDisk(folder, '40m')
  if (unmount === null) return context.skip('no file system of its own may be made here')
  const server = await LivePostgres.start()
  try {
    chownSync(folder, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
    chmodSync(folder, 0o700)
    await using admin = await connect(server.url('postgres'))
    // The log stays on the great disk: a server whose log is full stops.
    await admin.query(`create tablespace small location '${folder}'`)
    await admin.query('create database small tablespace small')
    await using store = await openPostgresViews({ url: server.url('small'), schema: 'views' })
    await store.ensure(sheet(VIEW, 1, { id: 'int', text: 'text' }))
    await store.apply(STREAM, [transaction(1, [filled(1, [])])])
    writeFileSync(join(folder, 'ballast'), new Uint8Array(12 * 1024 * 1024))
    const next = (offset: number): Promise<void> =>
      store.apply(STREAM, [
        transaction(offset, [
          rows(
            1,
            Array.from({ length: 500 }, (_, i) => created(bulky(offset * 1_000 + i))),
          ),
        ]),
      ])
    let offset = 1
    const failure = await (async (): Promise<unknown> => {
      for (;;) {
        try {
          await next(offset + 1)
          offset += 1
        } catch (error) {
          return isSheetflowError(error) ? error.toJSON() : error
        }
      }
    })()
    expect(failure).toMatchObject({ code: 'store/full', retry: 'later', details: { sqlState: '53100' } })
    expect((await store.position(STREAM))?.offset).toBe(offset)
    expect(await ask(store, plan(1, ['id'], { limit: 100_000 }))).toHaveLength((offset - 1) * 500)
    rmSync(join(folder, 'ballast'))
    await next(offset + 1)
    expect((await store.position(STREAM))?.offset).toBe(offset + 1)
    expect(await ask(store, plan(1, ['id'], { limit: 100_000 }))).toHaveLength(offset * 500)
  } finally {
    await server.end()
    unmount()
    rmSync(folder, { recursive: true, force: true })
  }
})
