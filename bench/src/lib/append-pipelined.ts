import type { Bus, BusMessage } from '@sheetflow/core/ports/bus'

/** As the capture role does: one group is written while the next is made ready. */
const IN_FLIGHT = 2

/** Appends the groups to a new stream, each expecting the one before it. */
export async function appendPipelined(bus: Bus, stream: string, groups: readonly (readonly BusMessage[])[]): Promise<void> {
  await bus.ensure(stream)
  const underWay: Promise<unknown>[] = []
  let last = 0
  for (const group of groups) {
    if (underWay.length === IN_FLIGHT) await underWay.shift()
    underWay.push(bus.append(stream, group, { expectedLast: last }))
    last += group.length
  }
  await Promise.all(underWay)
}
