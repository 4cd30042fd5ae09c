import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Bus } from '@sheetflow/core/ports/bus'
import { freePort } from '../../../postgres/embedded.ts'
import type { SourceName } from '../../world/shape.ts'
import { projectFolder, writeProject } from '../project.ts'
import type { Project } from '../project.ts'
import type { Kill, Ring, RingParts } from '../ring.ts'
import { killsOf } from './kills.ts'
import type { Breakable } from './kills.ts'
import { drawSetting, LED_ROLES } from './layout.ts'
import type { Setting } from './layout.ts'
import { Machines } from './machines.ts'
import { Member } from './member.ts'

/** Everything that is broken for a while is whole again by then, on a machine that does ten other things. */
const SETTLED_MS = 300_000
const POLL_MS = 200
/** How long a killed leader may keep its role from its successor before a scene goes on. */
const TAKEOVER_MS = 120_000

/** Many processes over a NATS server, with the views in Postgres: two candidates for every role, chosen by leases. */
export class Processes implements Ring, Breakable {
  readonly bus = 'nats'
  readonly description: string
  readonly project: Project
  readonly kills: readonly Kill[]
  readonly machines: Machines
  readonly members: readonly Member[]
  readonly stopFolder: string
  readonly #found: string[] = []
  /** What was broken for a while and is whole again when these have ended. */
  readonly #mending = new Set<Promise<void>>()
  readonly #asleep = new Set<Member>()
  readonly #farewell = (): void => this.members.forEach(({ process: one }) => void one.kill())

  private constructor(parts: RingParts, folder: string, setting: Setting, machines: Machines, ports: readonly number[]) {
    this.machines = machines
    const { layout, syncInterval } = setting
    this.description = `processes over NATS ${machines.nats.version}: ${layout.name}; syncInterval ${syncInterval}`
    this.project = writeProject({
      folder,
      shape: parts.shape,
      urls: machines.urls,
      config: [
        `bus: {type: nats, servers: ['${machines.urls.nats}'], syncInterval: ${syncInterval}}`,
        'stores: {main: {type: postgres, url: {$secret: VIEWS_URL}}}',
        'blobs: {dir: blobs}',
      ],
      serve: ['key: {$secret: CHANNELS_KEY}', 'drainSeconds: 1'],
      env: { VIEWS_URL: machines.urls.views, CHANNELS_KEY: randomBytes(32).toString('hex') },
    })
    this.stopFolder = path.join(this.project.folder, 'stop')
    mkdirSync(this.stopFolder)
    const env = { SHEETFLOW_TORTURE: JSON.stringify({ ...parts.hooks, stopFolder: this.stopFolder }) }
    this.members = layout.processes.map(
      (roles, i) => new Member({ name: `${i + 1}-${roles.replaceAll(',', '-')}`, roles, project: this.project, port: ports[i] ?? 0, env }),
    )
    this.kills = killsOf(this)
    // Whoever ends this process early must not leave them behind.
    process.once('exit', this.#farewell)
  }

  /** The servers run when it resolves, and nothing of Sheetflow yet. */
  static async create(parts: RingParts): Promise<Processes> {
    const setting = drawSetting(parts.random)
    const folder = projectFolder()
    const machines = await Machines.start(parts.databases, path.join(folder, 'nats'))
    const ports: number[] = []
    while (ports.length < setting.layout.processes.length) ports.push(await freePort())
    return new Processes(parts, folder, setting, machines, ports)
  }

  get ports(): readonly number[] {
    return this.members.filter((member) => member.does('serve')).map(({ port }) => port)
  }

  get bugs(): readonly string[] {
    return [...this.#found, ...this.members.flatMap(({ name, process: { bugs } }) => bugs.map((bug) => `${name}: ${bug}`))]
  }

  get starts(): number {
    return this.members.reduce((sum, { process: { starts } }) => sum + starts, 0)
  }

  found(what: string): void {
    this.#found.push(what)
  }

  later(ms: number, mend: () => void): void {
    const mended = pause(ms).then(mend)
    this.#mending.add(mended)
    void mended.finally(() => this.#mending.delete(mended))
  }

  wakeLater(member: Member, ms: number): void {
    this.#asleep.add(member)
    this.later(ms, () => {
      this.#asleep.delete(member)
      member.process.signal('SIGCONT')
    })
  }

  isAsleep(member: Member): boolean {
    return this.#asleep.has(member)
  }

  async leader(role: string): Promise<Member | null> {
    const pid = (await this.machines.holders().catch(() => null))?.get(role)
    return this.members.find(({ process: one }) => pid !== undefined && one.isAlive && one.pid === pid) ?? null
  }

  async openBus(): Promise<Bus> {
    return await this.machines.openBus()
  }

  start(): void {
    for (const { process: one } of this.members) if (!one.isAlive) one.start()
  }

  async settled(): Promise<void> {
    await Promise.all(this.#mending)
    // One that stopped itself later than anybody waited for.
    for (const member of this.members) if (member.isStopped) member.process.signal('SIGCONT')
    const trouble = await this.#troubleAfter(SETTLED_MS)
    if (trouble === null) return
    this.#found.push(`it does not go on by itself: ${trouble}`)
    await Promise.all(this.members.map(({ process: one }) => one.kill()))
    const lasting = await this.#troubleAfter(SETTLED_MS)
    if (lasting !== null) throw new Error(`the ring does not come up: ${lasting}`)
  }

  async endCapture(source: SourceName): Promise<void> {
    await Promise.all(this.members.filter((one) => one.does(`capture:${source}`)).map(({ process: one }) => one.kill()))
  }

  async killCapture(source: SourceName): Promise<void> {
    const role = `capture:${source}`
    await (await this.leader(role))?.process.kill()
    this.start()
    for (const end = Date.now() + TAKEOVER_MS; Date.now() < end && (await this.leader(role)) === null;) await pause(POLL_MS)
  }

  async stop(): Promise<readonly string[]> {
    const codes = await Promise.all(this.members.map(async ({ name, process: one }) => ({ name, code: await one.stop() })))
    return codes.filter(({ code }) => code !== 0).map(({ name, code }) => `${name} ended with ${code}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#farewell)
    await Promise.all(this.members.map(({ process: one }) => one[Symbol.asyncDispose]()))
    await this.machines[Symbol.asyncDispose]()
  }

  /** Null: every process is ready, and every role has a leader that lives. Otherwise what was the matter last. */
  async #troubleAfter(ms: number): Promise<string | null> {
    for (const end = Date.now() + ms; ; await pause(POLL_MS)) {
      this.start()
      const trouble = await this.#trouble()
      if (trouble === null || Date.now() >= end) return trouble
    }
  }

  async #trouble(): Promise<string | null> {
    const said = await Promise.all(this.members.map(async (member) => ({ name: member.name, trouble: await member.trouble() })))
    const found = said.find(({ trouble }) => trouble !== null)
    if (found !== undefined) return `${found.name} ${found.trouble}`
    for (const { role } of LED_ROLES) if ((await this.leader(role)) === null) return `nobody does ${role}`
    return null
  }
}
