import { keyComparator } from '@sheetflow/core/key'
import { must } from '@sheetflow/core/assert'
import type { KeyJson, RowJson } from '@sheetflow/core/message'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { StepOutput } from '@sheetflow/engine'

/** A view as a reader of the graph's stream holds it. */
export interface HeldView {
  readonly schema: SheetSchema
  readonly rows: Map<string, RowJson>
}

/** Folds outputs as stores and clients do; throws where one does not fit what is held. */
export class ViewReader {
  readonly views: Map<string, HeldView> = new Map<string, HeldView>()

  apply({ views }: StepOutput): void {
    for (const { view, newSchema, rows } of views) {
      if (newSchema !== null) this.views.set(view, { schema: newSchema, rows: new Map() })
      const { schema, rows: held } = must(this.views.get(view), `${view} was never introduced`)
      const types = schema.key.map((name) => must(schema.columns.find((column) => column.name === name)))
      const compare = keyComparator(types)
      let last: KeyJson | null = null
      for (const [op, key, after, before] of rows) {
        if (key === null) throw new Error(`${view}: ${op} without a key`)
        const text = JSON.stringify(key)
        const say = (what: string): Error => new Error(`${view} ${op} ${text}: ${what}`)
        if (last !== null && compare(last, key) >= 0) throw say(`comes behind ${JSON.stringify(last)}`)
        last = key
        const known = held.get(text)
        if (op === 'c' ? known !== undefined : JSON.stringify(known) !== JSON.stringify(before)) {
          throw say(`readers hold ${JSON.stringify(known)}, not ${JSON.stringify(before)}`)
        }
        if (op === 'u' && JSON.stringify(before) === JSON.stringify(after)) throw say('changes nothing')
        if (op === 'd') held.delete(text)
        else held.set(text, must(after))
      }
    }
  }
}
