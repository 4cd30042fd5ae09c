import { chownSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresServers } from '@sheetflow/testkit/postgres/majors'
import { CaptureRig } from '../../testing/capture-rig.ts'
import { selfSigned } from '@sheetflow/testkit/certificate'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { settled } from '../../testing/settled.ts'
import { openPostgresTarget } from '../target/target.ts'

describe.each(postgresServers())('TLS on $name', (server) => {
  const ours = selfSigned('sheetflow test', ['localhost', '127.0.0.1'])
  const others = selfSigned('somebody else', ['localhost', '127.0.0.1'])
  const misnamed = selfSigned('sheetflow test', ['db.example.com'])
  let postgres: LivePostgres
  let plainUrl: string

  const file = (name: string): string => join(dirname(postgres.dataDir), name)
  const withMode = (mode: string, ca: string | null): string =>
    `${plainUrl}?sslmode=${mode}${ca === null ? '' : `&sslrootcert=${encodeURIComponent(file(ca))}`}`

  beforeAll(async () => {
    postgres = await LivePostgres.start({}, server)
    plainUrl = await postgres.database()
    await postgres.stop()
    const { uid, gid } = statSync(postgres.dataDir)
    for (const [name, text] of Object.entries({
      'server.crt': ours.cert,
      'server.key': ours.key,
      'misnamed.crt': misnamed.cert,
      'misnamed.key': misnamed.key,
    })) {
      writeFileSync(join(postgres.dataDir, name), text, { mode: 0o600 })
      chownSync(join(postgres.dataDir, name), uid, gid)
    }
    for (const [name, text] of Object.entries({ 'ours.pem': ours.cert, 'others.pem': others.cert, 'misnamed.pem': misnamed.cert }))
      writeFileSync(file(name), text)
    await postgres.restart({ ssl: 'on' })
  })
  afterAll(async () => {
    await postgres.end()
  })

  test('verify-full with the CA captures, and carries commands out', async () => {
    await using client = await connect(plainUrl)
    await client.query(
      `create table t(id int primary key, v text); insert into t select i, repeat('x', 1000) from generate_series(1, 3000) i`,
    )
    await using rig = new CaptureRig(withMode('verify-full', 'ours.pem')).start()
    await settled(rig, client, 'public.t')
    await client.query(`update t set v = 'y' where id % 2 = 0; delete from t where id % 3 = 0`)
    await settled(rig, client, 'public.t')
    const { rows } = await client.query<{ plain: string }>(
      `select count(*) as plain from pg_stat_ssl join pg_stat_activity using (pid) where application_name like 'sheetflow%' and not ssl`,
    )
    expect(rows[0]?.plain).toBe('0')
    await using target = openPostgresTarget({ url: withMode('verify-full', 'ours.pem'), clock: { now: () => Date.now() } })
    await target.prepare()
  })

  test('the certificate may come as an option instead of a file', async () => {
    await using client = await connect(plainUrl)
    await client.query(`create table if not exists o(id int primary key); insert into o values (1)`)
    await using rig = new CaptureRig(plainUrl, {
      tls: { ca: ours.cert },
      slot: 'other',
      publication: 'other',
      tables: ['public.o'],
    }).start()
    expect((await settled(rig, client, 'public.o')).flaws).toEqual([])
  })

  test.each([
    ['a wrong CA', 'others.pem', 'verify-full'],
    ['no CA', null, 'verify-full'],
  ])('%s is one clear error that no retry mends', async (_name, ca, mode) => {
    const rig = new CaptureRig(withMode(mode, ca)).start()
    expect(await rig.outcome()).toMatchObject({
      code: 'source/auth',
      retry: 'never',
      message: expect.stringContaining('certificate') as string,
      fix: expect.stringContaining('sslrootcert') as string,
    })
    expect(rig.log.lines.filter((line) => line.event === 'source.status').map((line) => line.fields['code'])).toEqual(['source/auth'])
    await using target = openPostgresTarget({ url: withMode(mode, ca), clock: { now: () => Date.now() } })
    await expect(target.prepare()).rejects.toMatchObject({ code: 'source/auth' })
  })

  test('a certificate for another name, a file that is not there, and a server without TLS', async () => {
    await postgres.stop()
    await postgres.restart({ ssl: 'on', ssl_cert_file: 'misnamed.crt', ssl_key_file: 'misnamed.key' })
    expect(await new CaptureRig(withMode('verify-full', 'misnamed.pem')).start().outcome()).toMatchObject({ code: 'source/auth' })
    expect(await new CaptureRig(withMode('verify-full', 'missing.pem')).start().outcome()).toMatchObject({ code: 'source/auth' })
    await postgres.stop()
    await postgres.restart({ ssl: 'off' })
    expect(await new CaptureRig(withMode('verify-full', 'ours.pem')).start().outcome()).toMatchObject({ code: 'source/auth' })
  })
})
