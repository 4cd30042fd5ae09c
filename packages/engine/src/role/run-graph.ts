import { Bell } from '@sheetflow/core/bell'
import { graphInbox, sourceStream } from '@sheetflow/core/subject'
import { GraphLife } from './graph-life.ts'
import { InputCursor } from './input-cursor.ts'
import type { Input } from './input-cursor.ts'
import type { RunGraphOptions } from './run-graph-options.ts'
import { begin } from './start.ts'

/**
 * The graph role: reads its inputs, steps the graph, appends outputs. Resolves when the signal aborts, after the outputs under way are durable;
 * rejects with what went wrong, coded: `bus/fenced` (another life of this graph runs: stop), `bus/full`, … The host starts it again.
 *
 * A start: checkpoint, then a replay along the recorded vectors that publishes nothing, then live (FORMATS 5).
 */
export async function runGraph(options: RunGraphOptions): Promise<void> {
  const inputs: Input[] = [
    { stream: graphInbox(options.graph), source: null },
    ...options.sources.map((source) => ({ stream: sourceStream(source), source })),
  ]
  const beginning = await begin({ ...options, inputs })
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const bell = new Bell()
  const cursors: InputCursor[] = []
  let inboxEnd = 0
  for (const input of inputs) {
    const after = beginning.vector[input.stream] ?? null
    const { first, last, epoch } = await options.bus.ensure(input.stream)
    if (input.source === null) inboxEnd = last
    const { bus, partRows, pause } = options
    cursors.push(new InputCursor({ bus, input, bell, after, from: first, epoch, pause, ...(partRows === undefined ? {} : { partRows }) }))
  }
  const failed = Promise.all(cursors.map((cursor) => cursor.run(signal)))
  const life = new GraphLife(options, beginning, cursors, bell, signal, inboxEnd)
  signal.addEventListener('abort', () => bell.ring())
  const running = life.run()
  try {
    await Promise.race([running, failed, life.callsFailed])
  } finally {
    stop.abort()
    await Promise.allSettled([running, failed])
    await life.end()
  }
}
