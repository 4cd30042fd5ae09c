import { Bell } from '@sheetflow/core/bell'
import { SheetflowError } from '@sheetflow/core/errors'
import type { DeclaredFunction, FunctionAnswer, Functions } from '@sheetflow/core/ports/functions'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import type { JsonValue } from '@sheetflow/core/value'
import type { CallIndex } from '../../operators/call-index.ts'
import { CallPace } from './call-pace.ts'
import { checkedAnswer } from './check-answer.ts'
import { RowTries } from './row-tries.ts'

/** So many answers may be on their way to the graph. */
const MOST_TOLD = 10_000

/** Arguments with the answer to them. */
export interface Told {
  readonly key: string
  readonly args: readonly JsonValue[]
  readonly value: JsonValue
}

export interface FunctionSenderOptions {
  readonly graph: string
  readonly index: CallIndex
  readonly functions: Functions
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Writes answers into the graph's inbox; resolves with the offset of the last when they are durable. */
  readonly tell: (answers: readonly Told[]) => Promise<number>
}

/** How a function is doing, for metrics. */
export interface FunctionReport {
  readonly function: string
  readonly version: string
  readonly isUp: boolean
  /** Distinct arguments that rows wait for. */
  readonly waiting: number
  readonly calls: number
  readonly answered: number
  /** Calls that brought nothing, and answers that are errors or unfit. */
  readonly failures: number
  readonly errors: number
}

/**
 * Asks one function for what the rows of a graph wait for: the latest arguments of each, in calls of as many as it takes, one after the other. What is not asked for
 * any more when its turn comes is not asked; what cannot be answered now is asked again. An answer is in the graph's inbox before it is applied.
 */
export class FunctionSender {
  readonly #options: FunctionSenderOptions
  readonly #pace = new CallPace()
  readonly #tries = new RowTries()
  readonly #bell = new Bell()
  /** Answers that the graph has not read yet: by key, the offset of each. */
  readonly #told = new Map<string, number>()
  /** Up to where it has read. */
  #readTo = 0
  #declared: DeclaredFunction | null = null
  /** Counts how often there was news: a wait that ended by the clock may have heard the bell last. */
  #looks = 0
  #calls = 0
  #answered = 0
  #failures = 0
  #errors = 0

  constructor(options: FunctionSenderOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#news(), { once: true })
  }

  get report(): FunctionReport {
    const { called, waiting } = this.#options.index
    const counts = { calls: this.#calls, answered: this.#answered, failures: this.#failures, errors: this.#errors }
    return { function: called.fn, version: called.version, isUp: this.#pace.isUp, waiting, ...counts }
  }

  /** The graph has read its inbox up to there, and may wait for more than before. */
  look(readTo: number): void {
    this.#readTo = readTo
    for (const [key, offset] of this.#told) if (offset <= readTo) this.#told.delete(key)
    this.#tries.keep((key) => this.#options.index.isOpen(key))
    this.#news()
  }

  /** Resolves when the signal aborts; rejects if answers cannot be written. */
  async run(): Promise<void> {
    const { signal, clock } = this.#options
    while (!signal.aborted) {
      const looks = this.#looks
      const waitMs = this.#pace.waitMs(clock.now())
      if (waitMs > 0) await clock.sleep(waitMs, signal)
      else if (!(await this.#askNext()) && looks === this.#looks) await this.#rest()
    }
  }

  /** False: nothing is to be asked now. */
  async #askNext(): Promise<boolean> {
    const { index, clock } = this.#options
    if (index.waiting === 0 || this.#told.size >= MOST_TOLD) return false
    const declared = await this.#knownFunction()
    if (declared === null) return true
    const nowMs = clock.now()
    const rows = index.open(this.#pace.size(declared.maxBatch), (key) => this.#told.has(key) || !this.#tries.isDue(key, nowMs))
    if (rows.length === 0) return false
    await this.#ask(declared, rows)
    return true
  }

  async #ask({ timeoutMs }: DeclaredFunction, rows: ReturnType<CallIndex['open']>): Promise<void> {
    const { functions, index, signal, clock } = this.#options
    const { fn, version, result } = index.called
    this.#calls += 1
    let answers: readonly FunctionAnswer[]
    try {
      answers = await withDeadline(clock, timeoutMs, signal, (until) =>
        functions.call({ function: fn, version, rows: rows.map(({ args }) => args) }, until),
      )
      if (answers.length !== rows.length) throw new SheetflowError('plugin/unavailable', `${answers.length} answers to ${rows.length} rows`)
    } catch (error) {
      if (signal.aborted) return
      this.#failed(error)
      const [only] = rows
      // Alone it may be its own fault.
      if (only !== undefined && rows.length === 1) await this.#tell(this.#leave(only, true, 'it failed again and again'))
      return
    }
    if (signal.aborted) return
    const told: Told[] = []
    for (const [i, row] of rows.entries()) {
      const answer = answers[i] as FunctionAnswer
      const checked = checkedAnswer(result, answer)
      if (checked !== null) told.push({ ...row, value: checked.value })
      else if ('later' in answer) told.push(...this.#leave(row, answer.later === 'slow', answer.reason))
      if (checked !== null && checked.flaw !== null) this.#note(checked.flaw)
    }
    if (told.length > 0) this.#up()
    else this.#failed(answers.map((answer) => ('later' in answer ? answer.reason : '')).find((reason) => reason !== ''))
    await this.#tell(told)
  }

  /** It was not answered: what is told in its place, if it is given up. */
  #leave(row: { readonly key: string; readonly args: readonly JsonValue[] }, slow: boolean, reason: string): readonly Told[] {
    if (!this.#tries.failed(row.key, slow, this.#options.clock.now(), this.#answered)) return []
    this.#note(reason)
    return [{ ...row, value: { e: '#VALUE!' } }]
  }

  async #tell(told: readonly Told[]): Promise<void> {
    if (told.length === 0) return
    this.#answered += told.length
    const offset = await this.#options.tell(told)
    // The graph may have been quicker than the bus's answer.
    if (offset <= this.#readTo) return
    for (const { key } of told) this.#told.set(key, offset)
  }

  async #knownFunction(): Promise<DeclaredFunction | null> {
    if (this.#declared !== null) return this.#declared
    const { functions, index, signal } = this.#options
    const { fn, version } = index.called
    try {
      this.#declared = (await functions.describe(signal)).find((one) => one.name === fn && one.version === version) ?? null
      if (this.#declared !== null) return this.#declared
      this.#failed(new SheetflowError('plugin/unknown-function', `nobody offers ${fn}, version ${version}`))
    } catch (error) {
      if (!signal.aborted) this.#failed(error)
    }
    return null
  }

  #failed(reason: unknown): void {
    const { log, graph, index, clock } = this.#options
    const was = this.#pace.isUp
    this.#failures += 1
    this.#pace.failed(clock.now())
    // Whoever was told of may be another one when it comes back.
    if (!this.#pace.isUp) this.#declared = null
    if (was && !this.#pace.isUp)
      log.warn('graph/function-down', { graph, function: index.called.fn, version: index.called.version, reason: String(reason) })
  }

  #up(): void {
    const { log, graph, index } = this.#options
    if (!this.#pace.isUp) log.info('graph/function-up', { graph, function: index.called.fn, version: index.called.version })
    this.#pace.answered()
  }

  #note(reason: string): void {
    const { log, graph, index } = this.#options
    this.#errors += 1
    log.debug('graph/function-error', { graph, function: index.called.fn, version: index.called.version, reason })
  }

  #news(): void {
    this.#looks += 1
    this.#bell.ring()
  }

  /** Until there may be something to ask. */
  async #rest(): Promise<void> {
    const { clock, signal, index } = this.#options
    const dueMs = index.waiting === 0 ? Number.POSITIVE_INFINITY : this.#tries.nextMs()
    if (dueMs === Number.POSITIVE_INFINITY) return this.#bell.next()
    const rung = new AbortController()
    const waits = AbortSignal.any([signal, rung.signal])
    await Promise.race([this.#bell.next(), clock.sleep(Math.max(1, dueMs - clock.now()), waits)])
    rung.abort()
  }
}

/** Runs `call` with a signal that aborts when the time is up, or with `signal`. */
async function withDeadline<T>(clock: Clock, ms: number, signal: AbortSignal, call: (until: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController()
  const done = new AbortController()
  void clock.sleep(ms, AbortSignal.any([signal, done.signal])).then(() => late.abort())
  try {
    return await call(AbortSignal.any([signal, late.signal]))
  } finally {
    done.abort()
  }
}
