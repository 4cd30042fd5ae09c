import { isReply } from './protocol.ts'

/** Above so many frames in a tenth of a second (200/s) a connection's frames are gathered for longer. */
const BUSY_FRAMES = 20
const RATE_WINDOW_MS = 100
/**
 * How far apart the frames of a busy connection are. Few pages wait as little as 200 frames a second allow; a crowd waits longer, so that each frame holds
 * more: one costs about 10 µs to send, however little is in it, and this share of the gap for each connection leaves three quarters of the time (ADR 027).
 */
const LEAST_GAP_MS = 5
const GREATEST_GAP_MS = 10
const GAP_MS_A_CONNECTION = 0.04

/** How much may wait for one connection. */
export interface OutboxBound {
  readonly queueBytes: number
  readonly replyBytes: number
}

/** Where frames go. */
export interface Wire {
  /** One text frame; the bytes may be shared with other connections. */
  send(frame: Uint8Array): void
  close(code: number, reason: string): void
  /** Bytes that are on their way to a slow peer. */
  readonly bufferedBytes: number
}

/**
 * Gathers what connections are told in one turn of the event loop into one frame each: replies and pushes, one a line.
 *
 * Connections that were told the same share the bytes of the frame: each stands at a node of a tree of texts, and a node's frame is made once.
 */
export class Outbox {
  readonly #bound: OutboxBound
  readonly #slow: (outlet: Outlet) => void
  #root: FrameNode = new FrameNode(null, '')
  #dirty: Outlet[] = []
  #scheduled = false
  #timer: NodeJS.Timeout | null = null

  /** `slow` is called for an outlet whose peer does not keep up. */
  constructor(bound: OutboxBound, slow: (outlet: Outlet) => void) {
    this.#bound = bound
    this.#slow = slow
  }

  put(outlet: Outlet, text: string): void {
    if (outlet.node === null) {
      this.#dirty.push(outlet)
      if (!this.#scheduled) {
        this.#scheduled = true
        setImmediate(this.#flush)
      }
    }
    outlet.node = (outlet.node ?? this.#root).next(text)
    if (isReply(text)) outlet.replyBytes += text.length
  }

  /** Sends what `outlet` has, at once: before it is closed. */
  drain(outlet: Outlet): void {
    const { node } = outlet
    outlet.node = null
    if (node !== null) outlet.wire.send(node.frame())
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    const dirty = this.#dirty
    const now = performance.now()
    this.#dirty = []
    this.#root = new FrameNode(null, '')
    const gap = Math.min(GREATEST_GAP_MS, Math.max(LEAST_GAP_MS, dirty.length * GAP_MS_A_CONNECTION))
    let wait = Infinity
    for (const outlet of dirty) {
      if (outlet.node === null) continue
      const left = outlet.waitMs(now, gap)
      if (left <= 0) this.#send(outlet, now)
      else {
        this.#dirty.push(outlet)
        wait = Math.min(wait, left)
      }
    }
    if (this.#dirty.length > 0 && this.#timer === null) {
      this.#timer = setTimeout(() => {
        this.#timer = null
        this.#flush()
      }, wait)
    }
  }

  #send(outlet: Outlet, now: number): void {
    outlet.countFrame(now)
    // Frames go out in order: of the replies no more can wait than what waits at all.
    const waiting = Math.min(outlet.waitingReplyBytes, outlet.wire.bufferedBytes) + outlet.replyBytes
    outlet.waitingReplyBytes = Math.min(waiting, this.#bound.replyBytes)
    outlet.replyBytes = 0
    this.drain(outlet)
    if (outlet.wire.bufferedBytes > this.#bound.queueBytes + outlet.waitingReplyBytes) this.#slow(outlet)
  }
}

/** One connection's place in the outbox. */
export class Outlet {
  readonly wire: Wire
  /** What waits for it; null = nothing. */
  node: FrameNode | null = null
  /** Of replies in `node`, and of replies that were sent and may still be on their way: they are not held against a slow peer. */
  replyBytes = 0
  waitingReplyBytes = 0
  #windowStart = 0
  #frames = 0
  #lastFrame = -Infinity

  constructor(wire: Wire) {
    this.wire = wire
  }

  countFrame(now: number): void {
    this.#lastFrame = now
    if (now - this.#windowStart >= RATE_WINDOW_MS) {
      this.#windowStart = now
      this.#frames = 0
    }
    this.#frames += 1
  }

  /** A busy connection gets a frame each `gap` ms: so long has it still to wait, in milliseconds; not above 0: no longer. */
  waitMs(now: number, gap: number): number {
    if (this.#frames <= BUSY_FRAMES || now - this.#windowStart >= RATE_WINDOW_MS * 2) return 0
    return this.#lastFrame + gap - now
  }
}

/** A sequence of texts: its parent's and one more. */
class FrameNode {
  readonly #parent: FrameNode | null
  readonly #text: string
  #next: Map<string, FrameNode> | null = null
  #frame: Uint8Array | null = null

  constructor(parent: FrameNode | null, text: string) {
    this.#parent = parent
    this.#text = text
  }

  next(text: string): FrameNode {
    this.#next ??= new Map()
    let node = this.#next.get(text)
    if (node === undefined) {
      node = new FrameNode(this, text)
      this.#next.set(text, node)
    }
    return node
  }

  frame(): Uint8Array {
    if (this.#frame !== null) return this.#frame
    const texts = [this.#text]
    for (let node = this.#parent; node !== null && node.#parent !== null; node = node.#parent) texts.push(node.#text)
    this.#frame = Buffer.from(texts.reverse().join('\n'))
    return this.#frame
  }
}
