import type { KeyJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import { rowId } from '../rows/row-id.ts'

/** What a command is expected to do to one row of a view until its effect has come round. */
export interface Expectation {
  /** `workbook.sheet` */
  readonly view: string
  readonly key: KeyJson
  /** Columns and the values they are shown with meanwhile; null: the row is expected to leave. `{}`: only marked as pending. */
  readonly values: Readonly<Record<string, JsonValue>> | null
}

/** How one row is shown: its pending commands and what they lay over it. */
export interface RowOverlay {
  readonly commands: readonly string[]
  readonly values: Readonly<Record<string, JsonValue>>
  readonly leaves: boolean
}

/**
 * What pending commands lay over the rows of a page (never into them: law 1). What a command is expected to do to the rows of a graph is dropped by its receipt in that graph, in the frame
 * that carries the effect, so nothing flickers back in between.
 */
export class Overlay {
  readonly #layers = new Map<string, readonly Expectation[]>()
  /** What lies over the rows, by `view` and row; made anew with each change. */
  #rows: ReadonlyMap<string, RowOverlay> = new Map()
  #version = 0

  /** Counts up with each change. */
  get version(): number {
    return this.#version
  }

  /** Commands that lie over the page. */
  get commands(): Iterable<string> {
    return this.#layers.keys()
  }

  add(command: string, expectations: readonly Expectation[]): void {
    this.#layers.set(command, expectations)
    this.#changed()
  }

  /** Takes a command's layer away; says whether there was one. */
  drop(command: string): boolean {
    if (!this.#layers.delete(command)) return false
    this.#changed()
    return true
  }

  /** The effect has come round for the rows of some views: what was expected of these goes. */
  settle(command: string, hasEffect: (view: string) => boolean): void {
    const layer = this.#layers.get(command)
    const left = layer?.filter(({ view }) => !hasEffect(view)) ?? []
    if (left.length === 0) this.drop(command)
    else if (left.length !== layer?.length) this.add(command, left)
  }

  has(command: string): boolean {
    return this.#layers.has(command)
  }

  /** What lies over a row, later commands on top; null if nothing does. The object is the same until the next change. */
  of(view: string, id: string): RowOverlay | null {
    return this.#rows.get(placeOf(view, id)) ?? null
  }

  #changed(): void {
    const rows = new Map<string, RowOverlay>()
    for (const [command, expectations] of this.#layers) {
      for (const { view, key, values } of expectations) {
        const place = placeOf(view, rowId(key))
        const below = rows.get(place) ?? { commands: [], values: {}, leaves: false }
        rows.set(place, {
          commands: [...below.commands, command],
          values: { ...below.values, ...values },
          leaves: below.leaves || values === null,
        })
      }
    }
    this.#rows = rows
    this.#version += 1
  }
}

function placeOf(view: string, id: string): string {
  return `${view} ${id}`
}
