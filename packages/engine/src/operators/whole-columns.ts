import type { FormulaType } from '@sheetflow/formula/bound'
import { NUM } from '@sheetflow/formula/value/cell-errors'
import { conversion } from '@sheetflow/formula/value/convert'
import { Grid, MAX_CELLS } from '@sheetflow/formula/value/grid'
import type { FormulaValue } from '@sheetflow/formula/value/grid'
import type { Column } from '../state/column.ts'
import { OrderedSlots } from '../structures/ordered-slots.ts'
import type { Operator, OperatorInfo, Relation } from './relation.ts'
import { Traffic } from '../structures/traffic.ts'

/**
 * Whole columns as an array of formulas (`CORREL(t[a], t[b])`): the cells of the live rows, in the order of the key. Only the order of the rows
 * is kept; the array is made when a formula asks for it in a step that changed it, and stays as it is until the next such step.
 */
export class WholeColumns implements Operator {
  readonly traffic: Traffic = new Traffic()
  readonly #relation: Relation
  readonly #columns: readonly Column[]
  readonly #type: FormulaType | null
  readonly #slots = new OrderedSlots()
  #array: FormulaValue | undefined
  #changed = false

  readonly #on: string

  /** `type`: of the array's cells, to which those of each column are converted. `on`: the columns, for people. */
  constructor(relation: Relation, columns: readonly Column[], type: FormulaType | null, on: string) {
    this.#on = on
    this.#relation = relation
    this.#columns = columns
    this.#type = type
  }

  /** Is the array another one than before this step? */
  get changed(): boolean {
    return this.#changed
  }

  /** The array, `#NUM!` if it would have too many cells. */
  value(): FormulaValue {
    this.#array ??= this.#make()
    return this.#array
  }

  run(): void {
    const { changes } = this.#relation
    for (let i = 0; i < changes.size; i++) this.#update(changes.at(i))
    this.traffic.rowsIn += changes.size
    if (!this.#changed) return
    this.traffic.rowsOut += 1
    this.#array = undefined
  }

  finish(): void {
    this.#changed = false
  }

  describe(): OperatorInfo {
    return { kind: 'whole columns', on: this.#on, size: this.#slots.size }
  }

  #update(slot: number): void {
    const was = this.#relation.wasLive(slot)
    const live = this.#relation.isLive(slot)
    if (was === live) {
      this.#changed ||= live && this.#columns.some((column) => column.changed(slot))
      return
    }
    const { store } = this.#relation
    const compare = (other: number): number => store.compareKeys(other, slot)
    if (live) this.#slots.add(slot, compare)
    else this.#slots.remove(slot, compare)
    this.#changed = true
  }

  #make(): FormulaValue {
    if (this.#slots.size * this.#columns.length > MAX_CELLS) return NUM
    const reads = this.#columns.map((column) => ({ column, convert: conversion(column.type, this.#type) }))
    return Grid.ofRows(
      [...this.#slots].map((slot) =>
        reads.map(({ column, convert }) => {
          const value = column.value(slot)
          return convert === null ? value : convert(value)
        }),
      ),
    )
  }
}
