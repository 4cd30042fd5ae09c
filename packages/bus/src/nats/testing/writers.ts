import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { BY } from '../wire-message.ts'

/** Which bus object wrote each message of a stream, in order. For tests of who wrote when: every life of a role has a bus object of its own. */
export async function writersOf(url: string, stream: string): Promise<readonly string[]> {
  const nc = await connect({ servers: url })
  try {
    const { streams } = await jetstreamManager(nc)
    const { state } = await streams.info(stream)
    const writers: string[] = []
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      writers.push((await streams.getMessage(stream, { seq }))?.header.get(BY) ?? '')
    }
    return writers
  } finally {
    await nc.close()
  }
}
