import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** What `dev --json` says when everything runs. */
interface Ready {
  readonly urls: { readonly page: string; readonly graphql: string; readonly realtime: string }
  readonly token: string
}

/** A folder in which somebody works with the `sheetflow` command, each call a process of its own. */
export class ProjectFolder {
  readonly #folder: string
  #running: ChildProcess | null = null

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Runs a command to its end. */
  async sheetflow(...args: string[]): Promise<{ readonly code: number | null; readonly text: string }> {
    const child = this.#start(args)
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    return await new Promise((resolve) => child.once('close', (code) => resolve({ code, text })))
  }

  /** `sheetflow dev`; resolves when it is ready. */
  async startDev(): Promise<Ready> {
    const child = this.#start(['dev', '--port', '0', '--json'])
    this.#running = child
    return await new Promise((resolve, reject) => {
      let text = ''
      const hear = (chunk: string): void => {
        text += chunk
        const ready = /^\{"event":"ready".*$/m.exec(text)
        if (ready !== null) resolve(JSON.parse(ready[0]) as Ready)
      }
      child.stdout?.setEncoding('utf8').on('data', hear)
      child.stderr?.setEncoding('utf8').on('data', hear)
      child.once('exit', () => reject(new Error(`ended before it was ready: ${text}`)))
    })
  }

  /** Ends `dev` as Ctrl-C does, if it runs. */
  async stop(): Promise<void> {
    const child = this.#running
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    await ended
  }

  #start(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN, ...args], {
      cwd: this.#folder,
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }
}
