import { Agent, request } from 'node:http'
import { answerTasks } from './child.ts'

/** So many POSTs of one body over so many connections, each waiting for its answer before the next. */
export interface HttpLoad {
  readonly url: string
  readonly token: string
  readonly body: string
  readonly connections: number
  readonly requests: number
}

/** Bytes of the last answer, and how many did not have status 200. */
export interface HttpLoadDone {
  readonly bytes: number
  readonly failed: number
}

answerTasks<HttpLoad, HttpLoadDone>(async (load) => {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections })
  let left = load.requests
  let bytes = 0
  let failed = 0
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const { status, size } = await post(load, agent)
      bytes = size
      if (status !== 200) failed += 1
    }
  }
  await Promise.all(Array.from({ length: load.connections }, one))
  agent.destroy()
  return { bytes, failed }
})

function post({ url, token, body }: HttpLoad, agent: Agent): Promise<{ status: number; size: number }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), authorization: `Bearer ${token}` }
    const asked = request(url, { method: 'POST', agent, headers }, (response) => {
      let size = 0
      response.on('data', (chunk: Buffer) => (size += chunk.length))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, size }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
