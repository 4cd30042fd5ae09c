import type { SetupCheck } from '@sheetflow/core/setup-check'
import type { Log } from '@sheetflow/core/ports/host'
import type { StateBytes } from '@sheetflow/engine/graph/state-bytes'
import { largest, sizeText, tooLarge } from '@sheetflow/engine/role/state-limit'

/** From this part of the limit on somebody should know. */
const NEAR = 0.8

type Level = 'fine' | 'near' | 'over'

/**
 * Watches how the state of a graph stands to `limits.stateBytes`: a line in the log when it comes near and when it is over, and what the role reports. A graph whose rows
 * have grown over the limit goes on: rows cannot be refused, and what it would take to be smaller is for people to decide.
 */
export class StateWatch {
  readonly #graph: string
  readonly #limit: number
  readonly #log: Log
  #level: Level = 'fine'
  #values: Readonly<Record<string, number | string>>

  constructor(graph: string, limit: number, log: Log) {
    this.#graph = graph
    this.#limit = limit
    this.#log = log
    this.#values = { graph_state_limit_bytes: limit }
  }

  /** For `status` and metrics. */
  get values(): Readonly<Record<string, number | string>> {
    return this.#values
  }

  look(state: StateBytes): void {
    const level = levelOf(state.total, this.#limit)
    const text = `${sizeText(state.total)} of ${sizeText(this.#limit)}: ${largest(state)}`
    this.#values = {
      graph_state_bytes: state.total,
      graph_state_limit_bytes: this.#limit,
      ...(level === 'fine' ? {} : { graph_state: text }),
    }
    if (level === this.#level) return
    this.#level = level
    if (level === 'over') this.#log.error('graph/state-limit', { ...tooLarge(this.#graph, state, this.#limit, null).toJSON() })
    else
      this.#log[level === 'near' ? 'warn' : 'info']('graph/state', {
        graph: this.#graph,
        bytes: state.total,
        limit: this.#limit,
        state: text,
      })
  }
}

/** The same as a finding of `sheetflow doctor`, of a graph that runs or has run. */
export function stateCheck(graph: string, state: StateBytes, limit: number): SetupCheck {
  const level = levelOf(state.total, limit)
  const message = `its state takes ${sizeText(state.total)} of ${sizeText(limit)}`
  if (level === 'fine') return { name: 'state', status: 'ok', message }
  const { message: error, fix = '' } = tooLarge(graph, state, limit, null)
  return level === 'over'
    ? { name: 'state', status: 'warn', message: error, fix }
    : { name: 'state', status: 'warn', message: `${message}: ${largest(state)}`, fix }
}

function levelOf(bytes: number, limit: number): Level {
  if (bytes > limit) return 'over'
  return bytes >= NEAR * limit ? 'near' : 'fine'
}
