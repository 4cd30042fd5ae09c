import type { Bus } from '@sheetflow/core/ports/bus'
import type { ServeLimits } from '../limits.ts'
import type { GraphTransaction } from './graph-transaction.ts'
import { GraphReader } from './graph-reader.ts'

/**
 * The transactions of one view with `after < offset ≤ to`, read from the bus: what the ring in memory has already dropped.
 * null if that is behind the retained history or more than one recovery may read.
 */
export async function readHistory(
  bus: Bus,
  range: { readonly stream: string; readonly subjects: readonly string[]; readonly after: number; readonly to: number },
  limits: ServeLimits,
  signal: AbortSignal,
): Promise<readonly GraphTransaction[] | null> {
  const info = await bus.range(range.stream)
  if (range.after + 1 < info.first) return null
  const reader = new GraphReader({ epoch: info.epoch, after: null, maxBytes: limits.transactionBytes })
  const transactions: GraphTransaction[] = []
  let bytes = 0
  for await (const batch of bus.read(range.stream, { from: range.after + 1, subjects: range.subjects, untilNow: true, signal })) {
    for (const message of batch) {
      if (message.offset > range.to) return transactions
      bytes += message.body.length
      const transaction = reader.push(message)
      if (transaction === null) continue
      if (transaction.views.length > 0 || transaction.controls.length > 0) transactions.push(transaction)
      if (transactions.length > limits.recoverTransactions) return null
    }
    if (bytes > limits.recoverBytes) return null
  }
  return transactions
}
