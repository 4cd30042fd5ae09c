import { must } from '@sheetflow/core/assert'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { StepOutput, ViewStep } from '../graph/step-output.ts'

/** A view as its readers have it. */
export interface ReadView {
  generation: number
  status: string
  schema: SheetSchema
  /** By key text. */
  rows: Map<string, RowJson>
}

/**
 * Reads outputs as a store does, and is strict about it: every change must fit the rows that are there, come in key order, once a key, and
 * change something. What it holds must be what the sheets are.
 */
export class Reader {
  readonly views: Map<string, ReadView> = new Map<string, ReadView>()

  apply({ views }: Pick<StepOutput, 'views'>): void {
    const names = views.map((step) => step.view)
    if (new Set(names).size !== names.length || names.some((name, i) => i > 0 && name < must(names[i - 1]))) {
      throw new Error(`views are not sorted, each once: ${names.join(' ')}`)
    }
    for (const step of views) this.#apply(step)
  }

  /** The rows of a view in output order. */
  rows(view: string): readonly RowJson[] {
    return [...(this.views.get(view)?.rows.values() ?? [])]
  }

  #apply(step: ViewStep): void {
    const { view, control, newSchema, rows } = step
    if (newSchema !== null) {
      const { generation, status } = must(control, 'a new schema comes with a new generation')
      if (generation <= (this.views.get(view)?.generation ?? 0)) throw new Error(`${view}: generation ${generation} is not new`)
      this.views.set(view, { generation, status, schema: newSchema, rows: new Map() })
      for (const [op] of rows) if (op !== 'c') throw new Error(`${view}: a new generation holds creates alone`)
    } else if (control !== null) must(this.views.get(view), 'a status is of a known view').status = control.status
    const held = must(this.views.get(view), 'rows are of a known view').rows
    const seen = new Set<string>()
    for (const change of rows) this.#change(view, held, seen, change)
  }

  #change(view: string, held: Map<string, RowJson>, seen: Set<string>, [op, key, after, before]: RowChange): void {
    const text = JSON.stringify(key)
    const known = held.get(text)
    const say = (what: string): never => {
      throw new Error(`${view} ${op} ${text}: ${what}`)
    }
    if (seen.has(text)) say('comes twice')
    seen.add(text)
    if (op === 'c') {
      if (known !== undefined || before !== null) say('is there already')
      held.set(text, must(after))
      return
    }
    if (JSON.stringify(known) !== JSON.stringify(before)) say(`before is ${JSON.stringify(before)}, readers have ${JSON.stringify(known)}`)
    if (op === 'd') held.delete(text)
    else if (op === 'u') {
      if (JSON.stringify(after) === JSON.stringify(before)) say('changes nothing')
      held.set(text, must(after))
    } else say('has no place in an output')
  }
}
