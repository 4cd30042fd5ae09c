import { afterAll, beforeAll, expect, test } from 'vitest'
import { must } from '@sheetflow/core/assert'
import { CaptureRig } from '../../testing/capture-rig.ts'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { countOf, settled } from '../../testing/settled.ts'

let postgres: LivePostgres
beforeAll(async () => {
  postgres = await LivePostgres.start({})
})
afterAll(async () => {
  await postgres.end()
})

test('a slot of our name in another database of the server is refused, and its owner goes on where it was', async () => {
  const [url, other] = [await postgres.database(), await postgres.database()]
  await using client = await connect(url)
  await client.query(`create table t(id int primary key); insert into t values (1)`)
  await using stranger = await connect(other)
  await stranger.query(`create table t(id int primary key)`)
  await using rig = new CaptureRig(url, { slot: 'ours' }).start()
  await settled(rig, client, 'public.t')
  await rig.stop()
  await using second = new CaptureRig(other, { slot: 'ours' }).start()
  expect(await second.outcome()).toMatchObject({ code: 'source/not-ready', fix: expect.stringContaining('slot:') as string })
  const { checks } = must(await second.source?.discover(), 'what doctor finds')
  expect(checks.find((check) => check.name === 'slot')).toMatchObject({ status: 'fail', fix: expect.stringContaining('slot:') as string })
  await client.query(`insert into t values (2)`)
  rig.start()
  await settled(rig, client, 'public.t')
  expect(countOf(rig, 'start')).toBe(1)
})
