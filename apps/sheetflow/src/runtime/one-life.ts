import { SheetflowError } from '@sheetflow/core/errors'
import type { Bus } from '@sheetflow/core/ports/bus'

/**
 * Holds the writer of a stream to what this life of it has written: an append that expects an end that this life did not make is refused with `bus/fenced`. Without that a
 * role that begins anew inside its life (its database was away) looks where the stream ends, and goes on behind what another leader has written meanwhile.
 */
export async function fenceLife(bus: Bus, stream: string): Promise<void> {
  /** Where the stream ends if everything that was given to it has landed. It is opened for that: one that its server has forgotten has its messages again then, which are no other writer's. */
  let { last: end } = await bus.ensure(stream)
  const append = bus.append.bind(bus)
  bus.append = async (name, messages, options) => {
    const expected = options?.expectedLast
    if (name === stream && expected !== undefined) {
      if (expected > end) throw fenced(stream, end, expected)
      end = Math.max(end, expected + messages.length)
    }
    return await append(name, messages, options)
  }
}

function fenced(stream: string, end: number, expected: number): SheetflowError {
  return new SheetflowError(
    'bus/fenced',
    `stream ${stream} goes on to ${expected}; this life of its writer left it at ${end}: another one was here`,
    {
      fix: 'Nothing, if several processes may write it: the other one does. Otherwise stop one of the two.',
      details: { stream, expected, end },
    },
  )
}
