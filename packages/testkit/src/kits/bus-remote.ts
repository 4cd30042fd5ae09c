import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { RemoteBus } from './bus-lab.ts'
import type { RemoteTask } from './bus-remote/main.ts'

/** Somebody else who uses the same bus. */
export interface Remote {
  /** Resolves with the first number it says that is at least this; rejects if it says an error or ends before. */
  reaches(number: number): Promise<number>
  /** The greatest number it has said. */
  greatest(): number
  /** Ends it at once (a process: with SIGKILL) and waits until it is gone. */
  kill(): Promise<void>
}

const SCRIPT = new URL('./bus-remote/main.ts', import.meta.url)
const EXEC = ['--conditions=source', '--disable-warning=ExperimentalWarning']

/** Starts a task in a worker thread or in a process of its own. */
export function startRemote(kind: 'thread' | 'process', remote: RemoteBus, task: RemoteTask): Remote {
  const argument = JSON.stringify([remote, task])
  if (kind === 'thread') {
    const worker = new Worker(SCRIPT, { argv: [argument], execArgv: EXEC })
    return heard(worker, 'exit', async () => void (await worker.terminate()))
  }
  const child = fork(fileURLToPath(SCRIPT), [argument], { execArgv: EXEC, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  // What it said last is heard before its channel closes, but not always before its end.
  return heard(child, 'disconnect', () => {
    const gone =
      child.exitCode !== null || child.signalCode !== null
        ? Promise.resolve()
        : new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGKILL')
    return gone
  })
}

interface Speaker {
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit' | 'disconnect', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

function heard(speaker: Speaker, end: 'exit' | 'disconnect', kill: () => Promise<void>): Remote {
  let greatest = -1
  let failure: Error | null = null
  const waiting = new Set<() => void>()
  const news = (): void => waiting.forEach((check) => check())
  const fail = (error: Error): void => {
    failure ??= error
    news()
  }
  speaker.on('message', (message) => {
    if (typeof message === 'number') greatest = Math.max(greatest, message)
    else failure = new Error(String(message))
    news()
  })
  speaker.on('error', fail)
  speaker.on(end, () => fail(new Error('it has ended')))
  const reaches = (number: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (greatest >= number) resolve(greatest)
        else if (failure !== null) reject(failure)
        else return
        waiting.delete(check)
      }
      waiting.add(check)
      check()
    })
  return { reaches, greatest: () => greatest, kill }
}
