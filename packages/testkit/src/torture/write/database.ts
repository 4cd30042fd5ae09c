import { rmSync } from 'node:fs'
import path from 'node:path'
import { startEmbeddedPostgres, temporaryDataDir } from '../../postgres/embedded.ts'
import type { EmbeddedPostgres } from '../../postgres/embedded.ts'
import type { Random } from '../../random.ts'
import { ACCOUNTS, createSql, OPENING_BALANCE, VAULTS } from '../world/create-sql.ts'
import type { SourceShape } from '../world/shape.ts'
import { Session } from './session.ts'
import { openBank } from './steps.ts'

/** `local`: who does not ask for it does not wait for the standby, which does not exist. It never syncs to disk: what is killed is the process, not the machine. */
const SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_standby_names: 'ghost',
  synchronous_commit: 'local',
  max_replication_slots: '10',
  max_wal_senders: '10',
  wal_sender_timeout: '5s',
}

/** One of the two Postgres servers, that can be killed and comes back on the same port. */
export class BankDatabase implements AsyncDisposable {
  readonly shape: SourceShape
  readonly url: string
  #server: EmbeddedPostgres

  private constructor(shape: SourceShape, server: EmbeddedPostgres) {
    this.shape = shape
    this.#server = server
    this.url = server.url
  }

  /** Starts it, with its tables and what is in them at the opening. */
  static async start(shape: SourceShape, random: Random): Promise<BankDatabase> {
    const server = await startEmbeddedPostgres({ dataDir: temporaryDataDir(), settings: SETTINGS })
    const database = new BankDatabase(shape, server)
    await using session = await Session.connect(server.url)
    for (const sql of createSql(shape).split(/;\n(?! )/)) await session.change(sql)
    await session.change('begin')
    await openBank({ session, random, shape }, { accounts: ACCOUNTS, vaults: VAULTS }, OPENING_BALANCE)
    await session.change('commit')
    return database
  }

  /** kill -9, then a new server over the same data. */
  async crash(): Promise<void> {
    const { dataDir, port } = this.#server
    await this.#server.kill9()
    this.#server = await startEmbeddedPostgres({ dataDir, port, settings: SETTINGS })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop()
    rmSync(path.dirname(this.#server.dataDir), { recursive: true, force: true })
  }
}
