import type { MapNode } from './row-map.ts'
import type { RecursiveRead } from './recursion.ts'
import { SlotLists } from '../structures/slot-lists.ts'

/** A formula of a recursion that reads another column of it in its own row. */
export class OwnRowRead implements RecursiveRead {
  readonly by: number
  readonly of: number

  constructor(by: number, of: number) {
    this.by = by
    this.of = of
  }

  forEachRead(slot: number, each: (slot: number) => void): void {
    each(slot)
  }

  forEachReader(slot: number, each: (slot: number) => void): void {
    each(slot)
  }

  opened(): void {
    // Nothing is summed up.
  }

  settled(): void {
    // Nothing is summed up.
  }

  finish(): void {
    // Nothing is remembered of a step.
  }
}

/** Which row a lookup into the own sheet finds for each row, and by which rows each one is found. As a node of the map it runs behind the lookup's index. */
export class FoundRows implements MapNode, RecursiveRead {
  readonly by: number
  readonly of: number
  readonly #find: (slot: number) => number
  readonly #lists = new SlotLists()

  /** `find`: the slot found for the row in a slot, −1: none. */
  constructor(by: number, of: number, find: (slot: number) => number) {
    this.by = by
    this.of = of
    this.#find = find
  }

  /** The slot found, −1: none. */
  found(slot: number): number {
    return this.#lists.entry(slot)
  }

  run(slot: number): boolean {
    const found = this.#find(slot)
    const changed = found !== this.#lists.entry(slot)
    this.#lists.move(slot, found)
    return changed
  }

  leave(slot: number): void {
    this.#lists.move(slot, -1)
  }

  forEachRead(slot: number, each: (slot: number) => void): void {
    const found = this.#lists.entry(slot)
    if (found >= 0) each(found)
  }

  forEachReader(slot: number, each: (slot: number) => void): void {
    for (let reader = this.#lists.first(slot); reader >= 0; reader = this.#lists.next(reader)) each(reader)
  }

  opened(): void {
    // Nothing is summed up.
  }

  settled(): void {
    // Nothing is summed up.
  }

  finish(): void {
    // Nothing is remembered of a step.
  }
}
