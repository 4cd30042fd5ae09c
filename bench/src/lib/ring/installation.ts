import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SheetflowProcess } from '@sheetflow/testkit/torture/run/sheetflow-process'
import type { BusName } from '../bench-options.ts'

/** Which processes there are: one with every role, or over NATS one for each. */
const PROCESSES: Readonly<Record<BusName, readonly string[]>> = { sqlite: ['all roles'], nats: ['capture', 'graph', 'store', 'serve'] }

/** As `sheetflow start` asks for it (`apps/sheetflow/bin/memory.js`): what is started here is the script behind that. */
const MEMORY = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=1048576', NODE_OPTIONS: '--max-semi-space-size=16' }

/** A GraphQL query of a reader. */
export interface Question {
  /** `http://127.0.0.1:…` of the process that serves. */
  readonly serveUrl: string
  readonly token: string
  readonly query: string
}

/** The processes of Sheetflow over one project. */
export class Installation implements AsyncDisposable {
  readonly #processes: ReadonlyMap<string, SheetflowProcess>
  readonly #leave = (): void => void this.stop()

  constructor(bus: BusName, project: string, env: Readonly<Record<string, string>>) {
    const oneOf = (name: string): SheetflowProcess => {
      const args = bus === 'sqlite' ? [] : ['--roles', name, ...(name === 'serve' ? [] : ['--port', '0'])]
      return new SheetflowProcess({ project, env: { ...MEMORY, ...env }, log: path.join(project, `${name}.log`), args })
    }
    this.#processes = new Map(PROCESSES[bus].map((name) => [name, oneOf(name)]))
    // Whoever ends this process early must not leave the product behind.
    process.once('exit', this.#leave)
  }

  /** Starts all of them; resolves when each does its work. */
  async start(): Promise<void> {
    for (const one of this.#processes.values()) one.start()
    await Promise.all([...this.#processes.values()].map((one) => one.ready()))
  }

  /** As Ctrl-C does. */
  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((one) => one.stop()))
  }

  /** The operating system's number of each process, by its roles. */
  get pids(): ReadonlyMap<string, number> {
    return new Map([...this.#processes].map(([name, { pid }]) => [name, pid ?? 0]))
  }

  /** Errors that a role had no code for, and ends that nobody asked for. */
  get bugs(): readonly string[] {
    return [...this.#processes.values()].flatMap(({ bugs }) => bugs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#leave)
    await this.stop()
    for (const one of this.#processes.values()) await one[Symbol.asyncDispose]()
  }
}

/** The answer's `data`; null: nobody answers, or with an error. */
export async function ask<Data>({ serveUrl, token, query }: Question): Promise<Data | null> {
  const response = await fetch(`${serveUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  }).catch(() => null)
  if (response === null) return null
  const { data } = (await response.json()) as { data?: Data | null }
  return data ?? null
}

/** Asks every 20 ms until the answer is as it should be; throws after ten minutes. */
export async function askUntil<Data>(question: Question, isRight: (data: Data) => boolean): Promise<void> {
  const deadline = performance.now() + 600_000
  while (performance.now() < deadline) {
    const data = await ask<Data>(question)
    if (data !== null && isRight(data)) return
    await pause(20)
  }
  throw new Error(`no such answer to ${question.query}`)
}
