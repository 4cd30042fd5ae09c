import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parentPort, Worker } from 'node:worker_threads'

/** A script that runs beside a test in a thread or process of its own and says numbers while it goes on. */
export interface RemoteScript {
  /** Resolves with the first number it says that is at least this; rejects if it says an error or ends before. */
  reaches(number: number): Promise<number>
  /** The greatest number it has said; -1 before the first. */
  greatest(): number
  /** Ends it at once (a process: with SIGKILL) and waits until it is gone. */
  kill(): Promise<void>
}

const EXEC = ['--conditions=source', '--disable-warning=ExperimentalWarning']

/** Starts `script` with one argument, which it reads with `remoteArgument`. */
export function startScript(kind: 'thread' | 'process', script: URL, argument: unknown): RemoteScript {
  const text = JSON.stringify(argument)
  if (kind === 'thread') {
    const worker = new Worker(script, { argv: [text], execArgv: EXEC })
    return listen(worker, 'exit', async () => void (await worker.terminate()))
  }
  const child = fork(fileURLToPath(script), [text], { execArgv: EXEC, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  // What it said last is heard before its channel closes, but not always before its end.
  return listen(child, 'disconnect', async () => {
    const ended = child.exitCode !== null || child.signalCode !== null
    const gone = ended ? Promise.resolve() : new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGKILL')
    await gone
  })
}

/** In the script: what it was started with. */
export function remoteArgument(): unknown {
  return JSON.parse(process.argv[2] ?? 'null')
}

/** In the script: runs the work; an error that ends it is said to the test. */
export async function runRemote(work: (say: (number: number) => void) => Promise<void>): Promise<void> {
  try {
    await work(say)
  } catch (error) {
    say(error instanceof Error ? `${error.stack ?? error.message} ${JSON.stringify(error)}` : String(error))
  }
  // A child process with an open channel to its parent would live for ever. What is still on its way when the channel closes is lost.
  if (parentPort !== null) return
  await new Promise((sent) => process.send?.(-1, sent))
  process.disconnect()
}

function say(what: number | string): void {
  if (parentPort === null) process.send?.(what)
  else parentPort.postMessage(what)
}

interface Speaker {
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit' | 'disconnect', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

function listen(speaker: Speaker, end: 'exit' | 'disconnect', kill: () => Promise<void>): RemoteScript {
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
  speaker.on(end, () => fail(new Error('the script has ended')))
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
