import { setTimeout as pause } from 'node:timers/promises'
import type { NatsCluster } from './cluster.ts'

const ASK_MS = 2_000
const POLL_MS = 50

/** The name of the running server that leads the stream, by the word of the monitoring of whichever answers. Asks until one does. */
export async function leaderOf(cluster: NatsCluster, stream: string): Promise<string> {
  for (;;) {
    for (const { monitor } of cluster.servers.values()) {
      const answer = await fetch(`${monitor}/jsz?streams=true`, { signal: AbortSignal.timeout(ASK_MS) }).catch(() => null)
      const told = answer === null ? null : ((await answer.json()) as Jsz)
      const streams = told?.account_details?.flatMap(({ stream_detail: all }) => all ?? []) ?? []
      const leader = streams.find(({ name }) => name === stream)?.cluster?.leader
      if (leader !== undefined && (cluster.servers.get(leader)?.pid() ?? 0) !== 0) return leader
    }
    await pause(POLL_MS)
  }
}

interface Jsz {
  readonly account_details?: readonly {
    readonly stream_detail?: readonly { readonly name: string; readonly cluster?: { readonly leader?: string } }[]
  }[]
}
