import type { Bus } from '@sheetflow/core/ports/bus'
import type { BusName } from '../options.ts'
import type { Random } from '../../random.ts'
import type { Shape, SourceName } from '../world/shape.ts'
import type { BankDatabase } from '../write/database.ts'
import type { Project } from './project.ts'

/** One way of breaking something. */
export interface Kill {
  /** How often it is drawn, against the sum of all. */
  readonly weight: number
  /**
   * Breaks it, and has what does not come back by itself be brought back, at once or later. Answers what was broken, as the report counts it; null: there was nothing to break,
   * or it did not break.
   */
  play(random: Random): Promise<string | null>
}

/** What a ring is made over. */
export interface RingParts {
  readonly shape: Shape
  readonly databases: Readonly<Record<SourceName, BankDatabase>>
  /** What Sheetflow is told by `SHEETFLOW_TORTURE`. */
  readonly hooks: Readonly<Record<string, unknown>>
  /** Draws what differs from seed to seed in how it is set up. */
  readonly random: Random
}

/**
 * A Sheetflow that is tortured: how it is started, of which processes it consists, and what of it can be broken. The conductor and the scenes know nothing else of it, so they are
 * the same for one process over SQLite and for many over NATS.
 */
export interface Ring extends AsyncDisposable {
  readonly bus: BusName
  /** One line for the log: of what it consists. */
  readonly description: string
  readonly project: Project
  /** Where it serves, on 127.0.0.1. */
  readonly ports: readonly number[]
  /** Every way of breaking it. */
  readonly kills: readonly Kill[]
  /** What no run may have: roles that failed without a code, processes that ended by themselves, what did not come back. */
  readonly bugs: readonly string[]
  readonly starts: number

  /** The bus, beside those who write it. Whoever opens it closes it. */
  openBus(): Promise<Bus>
  /** Starts whatever does not run. */
  start(): void
  /** Resolves when every role is done by somebody. What failed to start is started again, as a service manager would; rejects when that does not help. */
  settled(): Promise<void>
  /** kill -9 for everything that could capture the source; resolves when all of it is gone. `start` brings it back. */
  endCapture(source: SourceName): Promise<void>
  /** kill -9 for whoever captures the source now; another life of it is on its way when this resolves. */
  killCapture(source: SourceName): Promise<void>
  /** As Ctrl-C, for all; what each process that did not end with 0 ended with. */
  stop(): Promise<readonly string[]>
}

/** Draws one by their weights. */
export function drawKill(kills: readonly Kill[], random: Random): Kill {
  let at = random.next() * kills.reduce((sum, { weight }) => sum + weight, 0)
  for (const kill of kills) {
    at -= kill.weight
    if (at < 0) return kill
  }
  return random.pick(kills)
}
