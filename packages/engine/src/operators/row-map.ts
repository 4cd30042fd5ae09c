import { grownInt32, roomFor } from '../state/lane.ts'
import { BLOCK } from '../state/read-ahead.ts'
import { SlotSet } from '../state/slot-set.ts'
import type { Column } from '../state/column.ts'
import type { Operator, OperatorInfo } from './relation.ts'
import { Traffic } from '../structures/traffic.ts'

/** Rows that a map runs over. */
export interface MappedRows {
  readonly changes: SlotSet
  /** Every live slot is below. */
  readonly size: number
  isLive(slot: number): boolean
  wasLive(slot: number): boolean
  /** See `Records.warm`. */
  warm?(slots: SlotSet, from: number, to: number): void
  /** Makes room for results of slots below `size`. */
  grow(size: number): void
}

/** One computation over a row: a column's formula, or the key under which a row asks an index. */
export interface MapNode {
  /** Is what it computes a cell of the sheet, or whether the row is in it? Else it is something on the way. */
  readonly isResult?: true
  /** Computes it for the row as it is now. True: the result is another than before. */
  run(slot: number): boolean
  /** Reads ahead (`read-ahead.ts`) what `run` will look for of the first `count` of these rows, in which nothing else may be seen yet. */
  warm?(slots: Int32Array, count: number): void
  /** The row is gone. */
  leave(slot: number): void
  /** The map is no more: no row asks an index any more that others go on to ask. Slots are below `size`. */
  leaveAll?(size: number): void
  /** The program is no more: gives back what it keeps in the records of the rows and in their pool. */
  release?(): void
}

/** Something outside of the rows that results depend on: an index's dirty entries, a named value, the day. */
export interface Trigger {
  /** Names the rows that it concerns in this step; `all` means every row. */
  collect(mark: (slot: number) => void): 'all' | 'listed'
  /** It has called every row there is: so many. For people. */
  calledAll?(rows: number): void
  /** See `MapNode.leaveAll`. */
  letGo?(): void
}

/** A node and what it must be run for. */
export interface PlannedNode {
  readonly node: MapNode
  /** Nodes run stage by stage; between stages run indexes over this very sheet. */
  readonly stage: number
  readonly inputs: readonly Column[]
  readonly triggers: readonly Trigger[]
  /** Earlier nodes of this map, by place. */
  readonly nodes: readonly number[]
}

/** Rows of one block for which one node reads ahead. */
const SEEKING = new Int32Array(BLOCK)

/** Which row a map computes. */
export class RowPass {
  /** −1: none is computed. */
  slot = -1
  /** Counts rows that have been computed. */
  number = 0
  /** Has the formula that runs asked a function that has not answered, and for which all of it waits? */
  held = false
}

/** A trigger as a map keeps it. */
interface MapTrigger {
  readonly trigger: Trigger
  readonly stage: number
  readonly dependents: Int32Array
  /** Marks a row for them. */
  readonly mark: (slot: number) => void
}

/**
 * All formulas of one sheet, fused: a step computes per dirty row exactly the nodes whose inputs changed, in topological order, and stops
 * where a result is unchanged. Which nodes a row needs is a bit set; nothing is allocated per row.
 */
export class RowMap {
  readonly #rows: MappedRows
  readonly #nodes: readonly PlannedNode[]
  readonly #words: number
  readonly #dependents: readonly Int32Array[]
  readonly #inputs: readonly { readonly column: Column; readonly dependents: Int32Array }[]
  readonly #triggers: readonly MapTrigger[]
  readonly #all: Int32Array
  /** Nodes of each stage: from, to (exclusive). */
  readonly #ranges: readonly (readonly [from: number, to: number])[]
  /** Places of nodes that read ahead. */
  readonly #seekers: readonly number[]
  readonly #dirty = new SlotSet()
  readonly #pass: RowPass
  /** By node: 1 for results. */
  readonly #results: Uint8Array
  readonly #traffic: readonly Traffic[]
  #masks: Int32Array<ArrayBuffer> = new Int32Array(64)

  /** `nodes` in topological order, stages ascending. `pass`: told which row it computes. */
  constructor(rows: MappedRows, nodes: readonly PlannedNode[], pass: RowPass) {
    this.#rows = rows
    this.#pass = pass
    this.#nodes = nodes
    this.#words = Math.max(1, Math.ceil(nodes.length / 32))
    const dependents = this.#masksBy((node) => node.nodes)
    this.#dependents = nodes.map((_, i) => dependents.get(i) ?? this.#mask())
    this.#inputs = [...this.#masksBy((node) => node.inputs)].map(([column, mask]) => ({ column, dependents: mask }))
    this.#triggers = [...this.#masksBy((node) => node.triggers)].map(([trigger, mask]) => this.#mapTrigger(trigger, mask))
    this.#all = this.#mask(nodes.keys())
    this.#results = Uint8Array.from(nodes, ({ node }) => (node.isResult === true ? 1 : 0))
    this.#seekers = nodes.flatMap(({ node }, i) => (node.warm === undefined ? [] : [i]))
    const last = nodes.at(-1)?.stage ?? 0
    this.#traffic = Array.from({ length: last + 1 }, () => new Traffic())
    this.#ranges = Array.from({ length: last + 1 }, (_, stage) => {
      const from = nodes.findIndex((node) => node.stage >= stage)
      const to = nodes.findLastIndex((node) => node.stage <= stage) + 1
      return [from < 0 ? 0 : from, to]
    })
  }

  /** Operators in the order in which they run, one for each stage. `on`: whose rows they are, for people. */
  stages(on: string): Operator[] {
    const last = this.#ranges.length - 1
    return this.#traffic.map((traffic, stage) => ({
      traffic,
      run: () => {
        if (stage === 0) this.#begin()
        this.#runStage(stage)
      },
      finish: () => {
        if (stage === last) this.#finish()
      },
      release: () => {
        for (const { node, stage: own } of this.#nodes) if (own === stage) node.release?.()
      },
      describe: (): OperatorInfo => ({
        kind: 'map',
        on: last === 0 ? on : `${on}, stage ${stage + 1}`,
        size: this.#nodes.filter((node) => node.stage === stage).length,
      }),
    }))
  }

  /** No row asks an index any more. Between steps, or when this one has ended. */
  leaveAll(): void {
    for (const { node } of this.#nodes) node.leaveAll?.(this.#rows.size)
    for (const { trigger } of this.#triggers) trigger.letGo?.()
  }

  /** Rows that came, went or changed by themselves. */
  #begin(): void {
    const { changes } = this.#rows
    this.#rows.grow(this.#rows.size)
    for (let i = 0; i < changes.size; i++) {
      const slot = changes.at(i)
      if (!this.#rows.isLive(slot)) {
        for (const { node } of this.#nodes) node.leave(slot)
      } else if (!this.#rows.wasLive(slot)) this.#mark(slot, this.#all)
      else for (const { column, dependents } of this.#inputs) if (column.changed(slot)) this.#mark(slot, dependents)
    }
  }

  #runStage(stage: number): void {
    for (const { trigger, stage: own, dependents, mark } of this.#triggers) {
      if (own !== stage || trigger.collect(mark) !== 'all') continue
      const called = this.#markAll(dependents)
      trigger.calledAll?.(called)
    }
    const [from, to] = this.#ranges[stage] as readonly [number, number]
    const traffic = this.#traffic[stage] as Traffic
    let told = 0
    for (let i = 0; i < this.#dirty.size; i++) {
      const end = this.#dirty.blockAt(i)
      // A row that is alone was read ahead when it changed, or when it was called.
      if (end > 1) this.#warm(i, end, from, to)
      told += this.#runRow(this.#dirty.at(i), i * this.#words, from, to)
    }
    traffic.rowsIn += this.#dirty.size
    traffic.rowsOut += told
    traffic.suppressed += this.#dirty.size - told
  }

  /** Reads the rows of a block ahead, then what those of its nodes that go elsewhere will look for. */
  #warm(first: number, end: number, from: number, to: number): void {
    this.#rows.warm?.(this.#dirty, first, end)
    for (const place of this.#seekers) {
      if (place < from || place >= to) continue
      let count = 0
      for (let i = first; i < end; i++) {
        const bits = this.#masks[i * this.#words + (place >> 5)] as number
        if (((bits >>> (place & 31)) & 1) === 1) SEEKING[count++] = this.#dirty.at(i)
      }
      if (count > 1) (this.#nodes[place] as PlannedNode).node.warm?.(SEEKING, count)
    }
  }

  /** 1: a result of the row is another than before. */
  #runRow(slot: number, base: number, from: number, to: number): number {
    let told = 0
    this.#pass.slot = slot
    this.#pass.number += 1
    for (let word = from >> 5; word < this.#words && word << 5 < to; word++) {
      const wanted = rangeMask(from - (word << 5), to - (word << 5))
      for (;;) {
        const bits = (this.#masks[base + word] as number) & wanted
        if (bits === 0) break
        const bit = bits & -bits
        const place = (word << 5) + 31 - Math.clz32(bit)
        this.#masks[base + word] = (this.#masks[base + word] as number) & ~bit
        if (!(this.#nodes[place] as PlannedNode).node.run(slot)) continue
        told |= this.#results[place] as number
        this.#or(base, this.#dependents[place] as Int32Array)
      }
    }
    this.#pass.slot = -1
    return told
  }

  #mark(slot: number, mask: Int32Array): void {
    const known = this.#dirty.size
    const base = this.#dirty.put(slot) * this.#words
    if (this.#dirty.size === known) {
      this.#or(base, mask)
      return
    }
    const needed = base + this.#words
    if (needed > this.#masks.length) this.#masks = grownInt32(this.#masks, roomFor(this.#masks.length, needed))
    for (let word = 0; word < this.#words; word++) this.#masks[base + word] = mask[word] as number
  }

  #markAll(mask: Int32Array): number {
    let marked = 0
    for (let slot = 0; slot < this.#rows.size; slot++) {
      if (!this.#rows.isLive(slot)) continue
      this.#mark(slot, mask)
      marked += 1
    }
    return marked
  }

  #or(base: number, mask: Int32Array): void {
    for (let word = 0; word < this.#words; word++) this.#masks[base + word] = (this.#masks[base + word] as number) | (mask[word] as number)
  }

  #finish(): void {
    this.#dirty.clear()
    if (this.#masks.length > 1 << 20) this.#masks = new Int32Array(64)
  }

  /** By what nodes ask for: the nodes that ask for it. */
  #masksBy<T>(asked: (node: PlannedNode) => readonly T[]): ReadonlyMap<T, Int32Array> {
    const askers = new Map<T, number[]>()
    for (const [i, node] of this.#nodes.entries()) {
      for (const one of asked(node)) {
        const known = askers.get(one)
        if (known === undefined) askers.set(one, [i])
        else known.push(i)
      }
    }
    return new Map([...askers].map(([one, nodes]) => [one, this.#mask(nodes)]))
  }

  #mask(nodes: Iterable<number> = []): Int32Array {
    const mask = new Int32Array(this.#words)
    for (const i of nodes) mask[i >> 5] = (mask[i >> 5] as number) | (1 << (i & 31))
    return mask
  }

  /** A trigger is asked in the first stage that needs it; by then everything it looks at has run. */
  #mapTrigger(trigger: Trigger, dependents: Int32Array): MapTrigger {
    const stages = this.#nodes.filter((node) => node.triggers.includes(trigger)).map((node) => node.stage)
    return { trigger, stage: Math.min(...stages), dependents, mark: (slot) => this.#mark(slot, dependents) }
  }
}

/** Bits `from..to-1` of a word, cut to it. */
function rangeMask(from: number, to: number): number {
  const low = from <= 0 ? -1 : -1 << from
  const high = to >= 32 ? -1 : (1 << to) - 1
  return low & high
}
