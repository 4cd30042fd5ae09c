import { must } from '@sheetflow/core/assert'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Bus, StreamInfo } from '@sheetflow/core/ports/bus'

/** The part of the bus that looks and changes nothing. */
export type ReadableBus = Pick<Bus, 'read' | 'last' | 'range'>

/** A bus through which nothing can be written: `ensure` says what is there, a stream that is not is an empty one. Writing through it is a bug. */
export function readingBus(bus: ReadableBus): Bus {
  return {
    atomic: true,
    durableAfterMs: 0,
    ensure: (stream) => rangeOf(bus, stream),
    range: (stream) => rangeOf(bus, stream),
    read: (stream, options) => bus.read(stream, options),
    last: (stream, subject) => bus.last(stream, subject),
    append: () => refuse(),
    retain: () => refuse(),
    trim: () => refuse(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** What a stream holds; nothing if there is none. */
export async function rangeOf(bus: ReadableBus, stream: string): Promise<StreamInfo> {
  try {
    return await bus.range(stream)
  } catch (error) {
    if (isSheetflowError(error, 'bus/unknown-stream')) return { stream, epoch: 0, first: 1, last: 0, bytes: 0 }
    throw error
  }
}

function refuse(): Promise<never> {
  return Promise.try(() => must<never>(null, 'who looks into the ledger writes nothing'))
}
