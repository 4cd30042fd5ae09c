import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Project } from '../project.ts'
import { SheetflowProcess } from '../sheetflow-process.ts'
import { mayDo } from './layout.ts'

/** Not reachable, taken or not set up: what a start may say while NATS or a database is down. A service manager starts it again. */
const NOT_REACHABLE = 4
const ASK_MS = 5_000

/** What a member is made from. */
export interface MemberOptions {
  /** Unique in its ring: its log and its data folder are called so. */
  readonly name: string
  /** As `--roles` says them. */
  readonly roles: string
  readonly project: Project
  /** Where it serves, or answers for its health. */
  readonly port: number
  readonly env: Readonly<Record<string, string>>
}

/** One of the processes of a ring, over all its lives. */
export class Member {
  readonly name: string
  readonly roles: string
  readonly port: number
  readonly process: SheetflowProcess

  constructor({ name, roles, project, port, env }: MemberOptions) {
    this.name = name
    this.roles = roles
    this.port = port
    const listens = this.does('serve') ? '--port' : '--ops-port'
    this.process = new SheetflowProcess({
      project: project.folder,
      env: { ...project.env, ...env },
      log: path.join(project.folder, `${name}.log`),
      args: ['--roles', roles, listens, String(port), '--data', path.join(project.folder, 'data', name)],
      mayRefuse: [NOT_REACHABLE],
    })
  }

  /** Does it do the role, or stand by for it? */
  does(role: string): boolean {
    return mayDo(this.roles, role)
  }

  /** Stopped by SIGSTOP, by whomever. */
  get isStopped(): boolean {
    const file = `/proc/${String(this.process.pid)}/status`
    try {
      return this.process.isAlive && existsSync(file) && /^State:\s+T/m.test(readFileSync(file, 'utf8'))
    } catch {
      // It ended meanwhile.
      return false
    }
  }

  /** What it says of its own readiness; null: it is ready. */
  async trouble(): Promise<string | null> {
    if (!this.process.isAlive) return 'has ended'
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}/readyz`, { signal: AbortSignal.timeout(ASK_MS) })
      const said = await response.text()
      return response.status === 200 ? null : said
    } catch (error) {
      return `does not answer: ${String(error instanceof Error ? (error.cause ?? error) : error)}`
    }
  }
}
