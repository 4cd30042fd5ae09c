import type { DeadLetters } from '@sheetflow/core/dead-letter'
import { decodeMessage } from '@sheetflow/core/framing/codec'
import type { Bus } from '@sheetflow/core/ports/bus'
import { graphStream, lettersSubject } from '@sheetflow/core/subject'

/** How the dead letters of a graph stand, as its stream says last: whether it runs or not. `bus/unknown-stream` if it never has. */
export async function lastLetters(bus: Pick<Bus, 'last'>, graph: string): Promise<DeadLetters> {
  const last = (await bus.last(graphStream(graph), lettersSubject(graph))).at(-1)
  const decoded = last === undefined ? null : decodeMessage(last)
  if (decoded?.kind !== 'control' || decoded.message.kind !== 'letters') return { open: [], closed: [], total: 0 }
  const { open, closed, total } = decoded.message
  return { open, closed, total }
}
