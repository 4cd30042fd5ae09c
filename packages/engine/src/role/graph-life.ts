import { must } from '@sheetflow/core/assert'
import type { Bell } from '@sheetflow/core/bell'
import { holds } from '@sheetflow/core/breakage'
import { isSheetflowError } from '@sheetflow/core/errors'
import { encodeBody } from '@sheetflow/core/framing/codec'
import { msFromTimestamp, parseTimestamp } from '@sheetflow/core/calendar'
import type { DeadLetters } from '@sheetflow/core/dead-letter'
import type { StateStore } from '@sheetflow/core/ports/state-store'
import type { Vector } from '@sheetflow/core/position'
import { graphInbox, graphInboxSubject, graphStream, sourceInbox, sourceInboxSubject } from '@sheetflow/core/subject'
import type { Graph } from '../graph/graph.ts'
import { isEmpty } from '../graph/step-output.ts'
import type { Want } from '../graph/want.ts'
import { lastLetters } from '../letters/last-letters.ts'
import { CallSender } from './calls/call-sender.ts'
import type { InputCursor } from './input-cursor.ts'
import { OutputWriter } from './output-writer.ts'
import type { RunGraphOptions } from './run-graph-options.ts'
import type { Beginning } from './start.ts'
import { refusal } from './state-limit.ts'
import { Stepper } from './stepper.ts'
import type { TakenStep } from './stepper.ts'

/** Commits that readers see nothing in are written so often at most (FORMATS 4). */
const EMPTY_EVERY_MS = 1_000
/** A checkpoint is taken after so many rows or so much time of the inputs, whichever comes first. */
const CHECKPOINT_ROWS = 200_000
const CHECKPOINT_EVERY_MS = 30_000
/** Where no row comes the place is still written, so that what was read may be trimmed. */
const IDLE_CHECKPOINT_EVERY_MS = 600_000

/** From one start of a graph's role to the next. */
export class GraphLife {
  readonly #options: RunGraphOptions
  readonly #beginning: Beginning
  readonly #graph: Graph
  readonly #stepper: Stepper
  readonly #bell: Bell
  readonly #signal: AbortSignal
  readonly #writer: OutputWriter
  readonly #sent = new Set<string>()
  readonly #sender: CallSender | null
  /** Answers that stand in the inbox up to here are read before anybody is asked. */
  readonly #inboxEnd: number
  #reported: string | null = null
  #wroteMs = 0
  #savedMs = 0
  #rowsSinceSave = 0
  #saving: Promise<void> = Promise.resolve()

  constructor(
    options: RunGraphOptions,
    beginning: Beginning,
    cursors: readonly InputCursor[],
    bell: Bell,
    signal: AbortSignal,
    inboxEnd: number,
  ) {
    this.#options = options
    this.#beginning = beginning
    this.#graph = beginning.graph
    this.#bell = bell
    this.#signal = signal
    this.#stepper = new Stepper(beginning.graph, cursors, beginning.vector, beginning.at)
    this.#inboxEnd = inboxEnd
    const { info, lastAttempt } = beginning.history
    const attempt = Math.max(lastAttempt + 1, options.startedAt)
    this.#writer = new OutputWriter({
      bus: options.bus,
      graph: options.graph,
      epoch: info.epoch,
      attempt,
      last: info.last,
      bigRows: options.stepRows ?? Number.MAX_SAFE_INTEGER,
      bell,
      log: options.log,
    })
    this.#sender = this.#newSender(attempt)
  }

  /** Rejects when answers of functions cannot be written. */
  get callsFailed(): Promise<never> {
    return this.#sender?.failed ?? new Promise(() => undefined)
  }

  async run(): Promise<void> {
    await this.#catchUp()
    if (this.#signal.aborted) return
    this.#options.log.info('graph/live', { graph: this.#options.graph, inputs: this.#stepper.vector, mode: this.#beginning.mode })
    this.#options.onLive?.(this.#graph)
    const sender = this.#sender
    if (sender !== null) this.#options.onCalls?.(() => sender.reports)
    if (this.#beginning.mode === 'lost' || !(await this.#knowsLetters())) await this.#publishAll()
    await this.#sendWants()
    while (!this.#signal.aborted) {
      this.#writer.check()
      const step = this.#stepper.live()
      if (step !== null) await this.#publish(step)
      this.#callFunctions()
      if (step === null) await this.#bell.next()
    }
  }

  #newSender(life: number): CallSender | null {
    const { functions, bus, graph, log } = this.#options
    if (functions === undefined) return null
    const { port, clock } = functions
    return new CallSender({ graph, calls: this.#graph.calls, bus, functions: port, clock, log, signal: this.#signal, life })
  }

  /** What the rows wait for is asked for, as soon as all answers of earlier lives have been read. */
  #callFunctions(): void {
    const readTo = this.#stepper.vector[graphInbox(this.#options.graph)]?.offset ?? 0
    if (readTo >= this.#inboxEnd) this.#sender?.look(readTo)
  }

  /** What was written is durable, and the last checkpoint is stored, or it failed: nobody waits for it any more. */
  async end(): Promise<void> {
    await Promise.allSettled([this.#writer.settled(), this.#saving, this.#sender?.end()])
  }

  /** Does again what earlier lives did, publishing nothing: step by step as they are written, or, where that is lost, in steps of its own. */
  async #catchUp(): Promise<void> {
    const { history, mode, target } = this.#beginning
    if (mode === 'exact' && holds('replay-along-vectors')) for (const { inputs } of history.steps) await this.#catchUpTo(inputs)
    else await this.#readUpTo(target)
  }

  async #catchUpTo(inputs: Vector): Promise<void> {
    while (!this.#signal.aborted && this.#stepper.replay(inputs) === null) await this.#bell.next()
  }

  async #readUpTo(inputs: Vector): Promise<void> {
    while (!this.#signal.aborted && !this.#stepper.hasRead(inputs)) if (this.#stepper.live() === null) await this.#bell.next()
  }

  /** Are the dead letters those that readers were told of? A program that can read more, or less, than the one before has made another state of the same inputs. */
  async #knowsLetters(): Promise<boolean> {
    const { bus, graph, log } = this.#options
    const ids = ({ open }: Pick<DeadLetters, 'open'>): string => open.map(({ id }) => id).join(' ')
    const told = ids(await lastLetters(bus, graph))
    if (ids(this.#graph.letters) === told) return true
    log.warn('graph/rebuild', { graph, reason: 'what cannot be read is another than before' })
    return false
  }

  /** The state could not be matched with the output stream: everything is published as new generations. */
  async #publishAll(): Promise<void> {
    this.#graph.views.refillAll()
    this.#graph.letters.tellAgain()
    const output = this.#graph.commitAs(this.#stepper.at, [], this.#stepper.vector, (changes) => changes.bytes())
    await this.#writer.write(output, this.#stepper.vector)
  }

  async #publish(step: TakenStep): Promise<void> {
    const { output } = step
    const nowMs = msOf(output.at)
    if (!isEmpty(output) || step.mustRecord || nowMs - this.#wroteMs >= EMPTY_EVERY_MS) {
      this.#wroteMs = nowMs
      await this.#writer.write(output, this.#stepper.vector)
    }
    this.#graph.endStep()
    this.#report(step)
    if (this.#graph.mayWant) await this.#sendWants()
    this.#rowsSinceSave += step.rows
    if (this.#isTimeToSave(nowMs)) await this.#save(nowMs)
  }

  #report({ output, rows, transactions }: TakenStep): void {
    for (const { at, id, source, table, column, code, stream, offset, reason } of output.letters?.open ?? []) {
      if (at !== output.at) continue
      this.#options.log.warn('graph/dead-letter', { graph: this.#options.graph, id, source, table, column, code, stream, offset, reason })
    }
    const changes = output.views.reduce((sum, view) => sum + view.rows.length, 0)
    this.#options.onStep?.({ rows, transactions, changes, at: output.at })
    const { problem, tables } = this.#graph
    // Before the first table is told a deployment is early, not wrong: at the first start of all it lies there before the sources have been looked at.
    if (tables.schemas().size === 0) return
    const said = problem === null || problem.problems.length === 0 ? null : `${problem.version}\n${problem.problems.join('\n')}`
    if (said !== null && said !== this.#reported && problem !== null) {
      this.#options.log.warn('graph/deploy', { graph: this.#options.graph, version: problem.version, problems: problem.problems })
    } else if (said === null && this.#reported !== null) {
      this.#options.log.info('graph/deployed', { graph: this.#options.graph })
    }
    this.#reported = said
  }

  /** Says to inboxes what the state asks for, each once a life; message ids make it once for all. */
  async #sendWants(): Promise<void> {
    const wants = this.#graph.wants().filter((want) => !this.#sent.has(want.id))
    if (wants.length === 0) return
    // What a want follows from must be durable before others act on it.
    await this.#writer.settled()
    for (const want of wants) {
      if (want.kind === 'activate' && (await this.#refuses())) continue
      const { stream, subject, body } = messageOf(this.#options.graph, want)
      await this.#options.bus.ensure(stream)
      await this.#options.bus.append(stream, [{ subject, id: want.id, body: encodeBody(body) }])
      this.#sent.add(want.id)
    }
  }

  /**
   * Is the prepared deployment too large to answer? Then it is replaced by the one that does, in the inbox, so that a replay does the same whatever its limit is; not if
   * something stands there that has not been read: that may be the next deployment.
   */
  async #refuses(): Promise<boolean> {
    const { bus, graph, log, stateBytes = Infinity } = this.#options
    const refused = refusal(this.#graph, stateBytes)
    if (refused === null) return false
    const { version, now } = must(this.#graph.prepared).deployment
    const stream = graphInbox(graph)
    const message = {
      subject: graphInboxSubject(graph, 'deploy'),
      id: `refused/${version}/${now}`,
      body: encodeBody({ v: 1, kind: 'deploy', ...refused.instead }),
    }
    try {
      await bus.append(stream, [message], { expectedLast: this.#stepper.vector[stream]?.offset ?? 0 })
    } catch (error) {
      if (!isSheetflowError(error, 'bus/fenced')) throw error
      return true
    }
    log.error('graph/state-limit', { ...refused.error.toJSON() })
    return true
  }

  #isTimeToSave(nowMs: number): boolean {
    if (this.#options.stateStore === null) return false
    if (this.#savedMs === 0) this.#savedMs = nowMs
    const every = this.#rowsSinceSave === 0 ? IDLE_CHECKPOINT_EVERY_MS : CHECKPOINT_EVERY_MS
    return this.#rowsSinceSave >= (this.#options.checkpointRows ?? CHECKPOINT_ROWS) || nowMs - this.#savedMs >= every
  }

  /** The state is read between two steps, after what it follows from is durable; where storing it takes longer, it goes on beside the next steps. */
  async #save(nowMs: number): Promise<void> {
    await this.#writer.settled()
    await this.#saving
    const position = this.#writer.position
    if (position === null) return
    const inputs = this.#stepper.vector
    const delta = this.#beginning.checkpoints.take(inputs, position, this.#stepper.at)
    if (delta === null) return
    this.#savedMs = nowMs
    this.#rowsSinceSave = 0
    this.#saving = this.#store(delta)
  }

  async #store(delta: Parameters<StateStore['save']>[0]): Promise<void> {
    const { bus, graph, stateStore, log } = this.#options
    try {
      await stateStore?.save(delta)
      for (const [stream, { offset }] of Object.entries(delta.head.inputs)) await bus.retain(stream, `graph/${graph}`, offset)
      await bus.retain(graphStream(graph), `graph/${graph}`, delta.head.output.offset)
    } catch (error) {
      this.#beginning.checkpoints.forget()
      log.warn('graph/checkpoint', { graph, code: isSheetflowError(error) ? error.code : 'unknown', reason: String(error) })
    }
  }
}

function messageOf(graph: string, want: Want): { readonly stream: string; readonly subject: string; readonly body: object } {
  switch (want.kind) {
    case 'activate':
      return {
        stream: graphInbox(graph),
        subject: graphInboxSubject(graph, 'activate'),
        body: { v: 1, kind: 'activate', version: want.version },
      }
    case 'resnapshot':
      return {
        stream: sourceInbox(want.source),
        subject: sourceInboxSubject(want.source, 'resnapshot'),
        body: { v: 1, kind: 'resnapshot', tables: want.tables },
      }
    case 'reread':
      return {
        stream: sourceInbox(want.source),
        subject: sourceInboxSubject(want.source, 'reread'),
        body: { v: 1, kind: 'reread', table: want.table, keys: want.keys },
      }
  }
}

function msOf(at: string): number {
  const moment = parseTimestamp('timestamptz', at)
  return moment === null ? 0 : msFromTimestamp(moment)
}
