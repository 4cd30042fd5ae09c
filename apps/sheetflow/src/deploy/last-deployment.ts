import { isSheetflowError } from '@sheetflow/core/errors'
import { decodeGraphInbox } from '@sheetflow/core/framing/inbox'
import type { Deployment } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import { graphInbox, graphInboxSubject } from '@sheetflow/core/subject'

/** The deployment that was sent to a graph last; null if none ever was. */
export async function lastDeployment(bus: Bus, graph: string): Promise<Deployment | null> {
  try {
    const [last] = await bus.last(graphInbox(graph), graphInboxSubject(graph, 'deploy'))
    if (last === undefined) return null
    const message = decodeGraphInbox(last)
    return message.kind === 'deploy' ? message : null
  } catch (error) {
    if (isSheetflowError(error, 'bus/unknown-stream')) return null
    throw error
  }
}
