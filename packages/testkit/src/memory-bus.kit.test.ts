import { describeBus, PIPELINE_FENCED } from './kits/bus-kit.ts'
import { busRemoteCases } from './kits/bus-remote-cases.ts'
import { MemoryBus } from './memory-bus.ts'
import type { MemoryStream } from './memory-stream.ts'

describeBus(
  'memory',
  (clock) => {
    const streams = new Map<string, MemoryStream>()
    return Promise.resolve({
      open: () => Promise.resolve(new MemoryBus({ clock, streams })),
      remote: null,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    })
  },
  {
    knownGaps: {
      ...Object.fromEntries(busRemoteCases().map(({ name }) => [name, 'memory is not shared with other threads and processes'])),
      [PIPELINE_FENCED]: 'everything happens at the call, so each append is judged for itself',
    },
  },
)
