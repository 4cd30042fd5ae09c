import { setTimeout as pause } from 'node:timers/promises'
import type { RowChange } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import { sourceStream } from '@sheetflow/core/subject'
import type { SourceName } from '../world/shape.ts'
import { TOTAL_CENTS } from '../world/create-sql.ts'
import type { Findings } from './findings.ts'
import { cents } from './money.ts'
import { Replica } from './replica.ts'
import type { ReplicaRow } from './replica.ts'

const POLL_MS = 20
const BALANCED: ReadonlySet<string> = new Set(['public.accounts', 'public.vaults'])

/** What was seen of one source's stream. */
export interface BusCounts {
  /** Different lines of `journal`. */
  lines: number
  /** Lines that came a second time. */
  twice: number
  /** Lines that came before an earlier one of the same writer. */
  outOfOrder: number
  /** Commits at which the sum was checked. */
  commitsChecked: number
}

/**
 * Reads the stream of one source from its first message on, while everything runs, through the port alone. Checked at every commit: the balances add
 * up. At every row: its count of commits is not below that which its key had before. Over `journal`: each line once, each writer's in order.
 */
export class BusWatch {
  readonly counts: BusCounts = { lines: 0, twice: 0, outOfOrder: 0, commitsChecked: 0 }
  readonly replica: Replica
  readonly #source: SourceName
  readonly #findings: Findings
  readonly #lines = new Set<string>()
  readonly #lastLine = new Map<number, number>()
  readonly #versions = new Map<string, number>()
  readonly #balances = new Map<string, Map<string, number>>([...BALANCED].map((table) => [table, new Map()]))
  #sum = 0
  #isWrong = false

  constructor(source: SourceName, epoch: number, findings: Findings) {
    this.#source = source
    this.#findings = findings
    this.replica = new Replica(epoch, {
      row: (table, op, key, row) => this.#row(table, op, key, row),
      commit: () => this.#commit(),
      flaw: (what) => findings.found('unchanged columns have a base row', `${source} ${what}`),
    })
  }

  /** Follows until the signal aborts. */
  async run(bus: Bus, signal: AbortSignal): Promise<void> {
    for await (const messages of bus.read(sourceStream(this.#source), { from: 1, signal })) {
      const { offset } = this.replica
      const gap = messages.find((message, i) => message.offset !== offset + i + 1)
      if (gap !== undefined)
        this.#findings.found('a reader is given every message', `${this.#source}: ${gap.offset} in the batch behind ${offset}`)
      this.replica.push(messages)
    }
  }

  /** Resolves with true once the stream has told so, with false if it has not after so many milliseconds. */
  async until(holds: (replica: Replica) => boolean, deadlineMs: number): Promise<boolean> {
    for (const end = Date.now() + deadlineMs; Date.now() < end; await pause(POLL_MS)) if (holds(this.replica)) return true
    return holds(this.replica)
  }

  /** The newest run of a table, how many chunks of it have come, and the newest run that loaded it. */
  runOf(table: string): { readonly run: number; readonly chunks: number; readonly loadedRun: number } {
    const { run, chunks, loadedRun } = this.replica.table(table)
    return { run, chunks, loadedRun }
  }

  #row(table: string, op: RowChange[0], key: string, row: ReplicaRow | null): void {
    if (BALANCED.has(table)) this.#balance(table, op, key, row)
    if (row === null) return
    if (table === 'public.journal') this.#line(op, key, row)
    const version = this.replica.table(table).cell(row, 'v')
    if (version !== undefined) this.#version(table, key, Number(version))
  }

  #balance(table: string, op: RowChange[0], key: string, row: ReplicaRow | null): void {
    const balances = this.#balances.get(table)
    if (balances === undefined) return
    if (op === 't') {
      for (const balance of balances.values()) this.#sum -= balance
      balances.clear()
      return
    }
    this.#sum -= balances.get(key) ?? 0
    balances.delete(key)
    if (row === null) return
    const balance = cents(this.replica.table(table).cell(row, 'balance'))
    balances.set(key, balance)
    this.#sum += balance
  }

  #version(table: string, key: string, version: number): void {
    const at = `${table} ${key}`
    const before = this.#versions.get(at) ?? 0
    if (version < before) this.#findings.found('no row goes back (bus)', `${this.#source} ${at}: ${version} after ${before}`)
    else this.#versions.set(at, version)
  }

  /** A snapshot may show a line again that has come, and is the only one to show what was written while there was no slot. */
  #line(op: RowChange[0], key: string, row: ReplicaRow): void {
    const table = this.replica.table('public.journal')
    const [writer, n] = [Number(table.cell(row, 'writer')), Number(table.cell(row, 'n'))]
    const isNews = op === 'c'
    if (this.#lines.has(key)) {
      if (!isNews) return
      this.counts.twice += 1
      this.#findings.found('every transaction is on the bus once', `${this.#source} ${key} came twice`)
      return
    }
    this.#lines.add(key)
    this.counts.lines += 1
    const last = this.#lastLine.get(writer) ?? 0
    if (isNews && n < last) {
      this.counts.outOfOrder += 1
      this.#findings.found('transactions are in order on the bus', `${this.#source} writer ${writer}: ${n} after ${last}`)
    }
    this.#lastLine.set(writer, Math.max(n, last))
  }

  #commit(): void {
    if (![...BALANCED].every((table) => this.replica.table(table).loaded)) {
      if (this.#balances.values().some((balances) => balances.size > 0)) this.#recount()
      return
    }
    this.counts.commitsChecked += 1
    const wrong = this.#sum !== TOTAL_CENTS
    if (wrong && !this.#isWrong)
      this.#findings.found('balances add up (bus)', `${this.#source} at offset ~${this.replica.offset}: ${this.#sum} cents`)
    this.#isWrong = wrong
  }

  /** After an epoch the replica is empty without a word about single rows. */
  #recount(): void {
    this.#sum = 0
    for (const [name, balances] of this.#balances) {
      balances.clear()
      const table = this.replica.table(name)
      for (const [key, row] of table.rows) {
        const balance = cents(table.cell(row, 'balance'))
        balances.set(key, balance)
        this.#sum += balance
      }
    }
  }
}

/** Follows the stream of each source from its beginning. `ended` rejects when one cannot be followed any more. */
export async function watchBus(
  bus: Bus,
  sources: readonly SourceName[],
  findings: Findings,
  signal: AbortSignal,
): Promise<{ readonly watches: Readonly<Record<SourceName, BusWatch>>; readonly ended: Promise<unknown> }> {
  const watches: Partial<Record<SourceName, BusWatch>> = {}
  const ended: Promise<void>[] = []
  for (const source of sources) {
    const { epoch } = await bus.ensure(sourceStream(source))
    const watch = new BusWatch(source, epoch, findings)
    watches[source] = watch
    ended.push(watch.run(bus, signal))
  }
  return { watches: watches as Readonly<Record<SourceName, BusWatch>>, ended: Promise.all(ended) }
}
