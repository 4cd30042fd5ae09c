import type { Column } from '../state/column.ts'
import type { Trigger } from '../operators/row-map.ts'

/** What a formula, or a part of it, has to be computed again for; and the first stage in which all of that is known. */
export class Needs {
  readonly nodes: Set<number> = new Set<number>()
  readonly inputs: Set<Column> = new Set<Column>()
  readonly triggers: Set<Trigger> = new Set<Trigger>()
  stage = 0

  static ofInput(column: Column): Needs {
    const needs = new Needs()
    needs.inputs.add(column)
    return needs
  }

  static ofTrigger(trigger: Trigger): Needs {
    const needs = new Needs()
    needs.triggers.add(trigger)
    return needs
  }

  add(other: Needs): this {
    for (const node of other.nodes) this.nodes.add(node)
    for (const column of other.inputs) this.inputs.add(column)
    for (const trigger of other.triggers) this.triggers.add(trigger)
    this.stage = Math.max(this.stage, other.stage)
    return this
  }

  /** The same value for every row? */
  get sameForAll(): boolean {
    return this.nodes.size === 0 && this.inputs.size === 0
  }
}
