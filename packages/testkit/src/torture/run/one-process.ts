import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openSqliteBus } from '@sheetflow/bus/sqlite/sqlite-bus'
import type { Bus } from '@sheetflow/core/ports/bus'
import { freePort } from '../../postgres/embedded.ts'
import { SOURCES } from '../world/shape.ts'
import { GRAPH, projectFolder, STORE, writeProject } from './project.ts'
import type { Project } from './project.ts'
import type { Kill, Ring, RingParts } from './ring.ts'
import { SheetflowProcess } from './sheetflow-process.ts'

/** So often a start that failed is tried again. */
const TRIES = 3

/** One process with all roles over a bus of SQLite files. */
export class OneProcess implements Ring {
  readonly bus = 'sqlite'
  readonly description = 'one process over SQLite'
  readonly project: Project
  readonly ports: readonly number[]
  readonly kills: readonly Kill[]
  readonly #sheetflow: SheetflowProcess

  private constructor({ shape, databases, hooks }: RingParts, port: number) {
    const urls = { east: databases.east.url, west: databases.west.url }
    this.project = writeProject({ folder: projectFolder(), shape, urls, config: ['data: data'], serve: [`port: ${port}`] })
    this.ports = [port]
    const { folder, env } = this.project
    this.#sheetflow = new SheetflowProcess({
      project: folder,
      env: { ...env, SHEETFLOW_TORTURE: JSON.stringify(hooks) },
      log: path.join(folder, 'sheetflow.log'),
    })
    this.kills = killsOf(this.#sheetflow, databases)
  }

  /** Nothing runs yet when it resolves. */
  static async create(parts: RingParts): Promise<OneProcess> {
    return new OneProcess(parts, await freePort())
  }

  get bugs(): readonly string[] {
    return this.#sheetflow.bugs
  }

  get starts(): number {
    return this.#sheetflow.starts
  }

  async openBus(): Promise<Bus> {
    return await openSqliteBus({ dir: path.join(this.project.folder, 'data/bus') })
  }

  start(): void {
    if (!this.#sheetflow.isAlive) this.#sheetflow.start()
  }

  async settled(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await this.#sheetflow.ready()
        return
      } catch (error) {
        if (tries === TRIES) throw error
        await this.#sheetflow.kill()
        this.#sheetflow.start()
      }
    }
  }

  async endCapture(): Promise<void> {
    await this.#sheetflow.kill()
  }

  async killCapture(): Promise<void> {
    await this.#sheetflow.kill()
    this.#sheetflow.start()
  }

  async stop(): Promise<readonly string[]> {
    const code = await this.#sheetflow.stop()
    return code === 0 ? [] : [`it ended with ${code}`]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sheetflow[Symbol.asyncDispose]()
  }
}

function killsOf(sheetflow: SheetflowProcess, databases: RingParts['databases']): readonly Kill[] {
  const roles = [`graph:${GRAPH}`, `store:${STORE}`, 'serve', ...SOURCES.map((source) => `capture:${source}`)]
  return [
    {
      weight: 20,
      play: async (random) => {
        await sheetflow.kill()
        await pause(random.below(500))
        sheetflow.start()
        return 'sheetflow'
      },
    },
    {
      weight: 15,
      play: async (random) => {
        await databases[random.pick(SOURCES)].crash()
        return 'postgres'
      },
    },
    {
      weight: 65,
      play: (random) => {
        const role = random.pick(roles)
        sheetflow.killRole(role)
        return Promise.resolve(role)
      },
    },
  ]
}
