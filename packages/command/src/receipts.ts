import { encodeBody } from '@sheetflow/core/framing/codec'
import type { GraphInbox, ReceiptEvent } from '@sheetflow/core/message'
import type { Bus, BusMessage } from '@sheetflow/core/ports/bus'
import { graphInbox, graphInboxSubject } from '@sheetflow/core/subject'

/** Tells every graph that reads the source what became of a command. Resolves when all of them have it on disk; saying it again changes nothing. */
export async function sendReceipt(bus: Pick<Bus, 'ensure' | 'append'>, graphs: readonly string[], receipt: ReceiptEvent): Promise<void> {
  const message: GraphInbox = { v: 1, kind: 'receipt', ...receipt }
  const body = encodeBody(message)
  await Promise.all(
    graphs.map(async (graph) => {
      const stream = graphInbox(graph)
      const stored: BusMessage = { subject: graphInboxSubject(graph, 'receipt'), id: `${receipt.id}/${receipt.status}`, body }
      await bus.ensure(stream)
      await bus.append(stream, [stored])
    }),
  )
}
