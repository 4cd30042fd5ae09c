import { must } from '@sheetflow/core/assert'
import type { BoundSheet, ClockUnit, RelationId } from '@sheetflow/formula/bound'
import type { AggregateIndex, Grouping } from '../operators/aggregate-index.ts'
import type { CalledFunction, CallIndex } from '../operators/call-index.ts'
import type { CallNode, CallPlace } from '../operators/call-node.ts'
import type { LookupIndex } from '../operators/lookup-index.ts'
import type { Relation } from '../operators/relation.ts'
import type { StoreRelation } from '../operators/store-relation.ts'
import type { WholeColumns } from '../operators/whole-columns.ts'
import type { FormulaFaults } from '../program/formula-faults.ts'
import type { ProgramSources } from './sources.ts'
import type { StepClock, ZoneClock } from '../program/step-clock.ts'

/** What plans ask while a program is made. */
interface Asked {
  readonly sources: ProgramSources
  readonly data: (sheet: BoundSheet) => StoreRelation
}

/**
 * A program as the plans of its sheets know it, until it is made. What is planned holds on to its plan for as long as it runs, and that may be in many programs
 * after this one: none of them may hold on to this one, or to the deployment that it is of (law 12).
 */
export class RevocableSources implements ProgramSources {
  #asked: Asked | null

  constructor(asked: Asked) {
    this.#asked = asked
  }

  /** Everything is planned: nobody asks any more. */
  end(): void {
    this.#asked = null
  }

  /** See `ProgramInputs.data`. */
  data(sheet: BoundSheet): StoreRelation {
    return must(this.#asked, MADE).data(sheet)
  }

  relation(id: string): Relation {
    return this.#sources.relation(id)
  }

  columnName(id: string, column: number): string {
    return this.#sources.columnName(id, column)
  }

  lookupIndex(id: string, column: number): LookupIndex {
    return this.#sources.lookupIndex(id, column)
  }

  aggregateIndex(key: string, on: RelationId, make: () => Grouping): AggregateIndex {
    return this.#sources.aggregateIndex(key, on, make)
  }

  wholeColumns(key: string, on: RelationId, make: () => WholeColumns): WholeColumns {
    return this.#sources.wholeColumns(key, on, make)
  }

  get callsFunctions(): boolean {
    return this.#sources.callsFunctions
  }

  callIndex(called: CalledFunction): CallIndex {
    return this.#sources.callIndex(called)
  }

  callPlace(name: string): Pick<CallPlace, 'moved' | 'before'> {
    return this.#sources.callPlace(name)
  }

  addCall(node: CallNode): void {
    this.#sources.addCall(node)
  }

  get clock(): StepClock {
    return this.#sources.clock
  }

  get faults(): FormulaFaults {
    return this.#sources.faults
  }

  zoneClock(workbook: string, unit: ClockUnit): ZoneClock {
    return this.#sources.zoneClock(workbook, unit)
  }

  get #sources(): ProgramSources {
    return must(this.#asked, MADE).sources
  }
}

const MADE = 'plans ask while their program is made'
