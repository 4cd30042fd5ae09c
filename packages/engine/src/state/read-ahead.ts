/**
 * Reading ahead: most of what a change of a row costs is waiting for memory, one record after the other. A loop that only reads the records of the next
 * rows lets the processor wait for all of them at once; the work behind it then finds them in the cache.
 */

/** So many rows are read ahead at once: a power of two, few enough that they are still in the cache when their turn comes. */
export const BLOCK = 64

/** Where loops that read ahead leave what they have read. It means nothing, but a loop without a result may be left out. */
export const READ: Int32Array = new Int32Array(1)

/** Slots in the order in which their rows are read. */
export interface SlotList {
  at(i: number): number
}
