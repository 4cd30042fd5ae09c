import { valueKey } from '@sheetflow/core/key'
import type { Value } from '@sheetflow/core/value'
import type { ClockUnit } from '@sheetflow/formula/bound'
import { clockValue } from '@sheetflow/formula/value/clock'
import { localNow } from './clock.ts'

/** The day or minute that a zone shows, as of the last step. */
export interface ZoneClock {
  readonly zone: string
  readonly unit: ClockUnit
  readonly now: Value
  /** Is it another than before this step? */
  readonly changed: boolean
}

/**
 * The number of the step and what clocks show in it. One for all programs over the same tables: what a program takes over from the one before goes
 * on by the same clocks.
 */
export class StepClock {
  readonly #now: () => string
  readonly #clocks = new Map<string, { -readonly [K in keyof ZoneClock]: ZoneClock[K] }>()
  #step = 0

  /** `now`: the ISO time that messages have told last. */
  constructor(now: () => string) {
    this.#now = now
  }

  /** Counts the steps: what was computed in another one may be wrong now. */
  get step(): number {
    return this.#step
  }

  /** Before the programs run. */
  begin(): void {
    this.#step += 1
    if (this.#clocks.size === 0) return
    for (const clock of this.#clocks.values()) {
      const now = this.#read(clock)
      clock.changed = valueKey(now) !== valueKey(clock.now)
      clock.now = now
    }
  }

  clock(zone: string, unit: ClockUnit): ZoneClock {
    const key = `${unit} ${zone}`
    const clock = this.#clocks.get(key) ?? { zone, unit, now: this.#read({ zone, unit }), changed: false }
    this.#clocks.set(key, clock)
    return clock
  }

  #read({ zone, unit }: Pick<ZoneClock, 'zone' | 'unit'>): Value {
    const now = localNow(this.#now(), zone)
    return now === null ? null : clockValue(now, unit)
  }
}
