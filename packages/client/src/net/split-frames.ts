import type { Timers } from '../host.ts'

/** Any class of WebSockets, as far as it is made. */
export type SocketClass = new (url: string, protocols?: string | string[]) => object

/** Characters of one frame. A server closes a connection with 1009 for a frame of more than 64 KiB, and the official client does not come back then. */
const FRAME_CHARS = 32 * 1024

/** What is used of a WebSocket. */
interface OpenSocket {
  readonly readyState?: number
  send(data: string): void
  addEventListener(type: 'message', listener: () => void, options: { readonly once: true }): void
}

/**
 * Sockets of that class that say a lot in several frames. When a connection is made the official client says in one frame who it is and which channels it follows, with the token of each: of a page
 * with a hundred lists that is more than a frame holds. What does not fit into the first frame follows when the server has answered that one, since it listens to strangers no longer than it must.
 */
export function splittingFrames(Socket: SocketClass, timers: Timers): SocketClass {
  const Base = Socket as new (url: string, protocols?: string | string[]) => OpenSocket
  return class extends Base {
    #waiting: string[] = []

    override send(data: string): void {
      if (this.#waiting.length > 0) {
        this.#waiting.push(data)
        return
      }
      const [first = '', ...rest] = framesOf(data)
      super.send(first)
      if (rest.length === 0) return
      this.#waiting = rest
      // In a turn of its own: the client may have ended the connection because of that answer.
      this.addEventListener('message', () => timers.after(0, () => this.#sendRest()), { once: true })
    }

    #sendRest(): void {
      const waiting = this.#waiting
      this.#waiting = []
      if (this.readyState !== undefined && this.readyState !== OPEN) return
      for (const data of waiting) for (const frame of framesOf(data)) super.send(frame)
    }
  }
}

const OPEN = 1

/** The same commands, one a line, in as many frames as they need. */
function framesOf(data: string): readonly string[] {
  if (data.length <= FRAME_CHARS) return [data]
  const frames: string[] = []
  let frame = ''
  for (const command of data.split('\n')) {
    if (frame !== '' && frame.length + command.length >= FRAME_CHARS) {
      frames.push(frame)
      frame = ''
    }
    frame += frame === '' ? command : `\n${command}`
  }
  return [...frames, frame]
}
