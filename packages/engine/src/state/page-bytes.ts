import type { JsonValue } from '@sheetflow/core/value'
import type { Lane } from './lane.ts'

const ENCODER = new TextEncoder()
const DECODER = new TextDecoder()

/** Text as UTF-8 and back. */
function utf8(text: string): Uint8Array {
  return ENCODER.encode(text)
}
function fromUtf8(bytes: Uint8Array): string {
  return DECODER.decode(bytes)
}

/** A page of the cells `from` ≤ i < `to` in JSON, for lanes that have no shorter form. */
export function encodeJson(lane: Pick<Lane, 'json'>, from: number, to: number): Uint8Array {
  const cells: JsonValue[] = []
  for (let i = from; i < to; i++) cells.push(lane.json(i))
  return utf8(JSON.stringify(cells))
}

/** Takes the cells of such a page back, the first of them as cell `from`. */
export function decodeJson(lane: Pick<Lane, 'setJson'>, from: number, bytes: Uint8Array): void {
  const cells = JSON.parse(fromUtf8(bytes)) as readonly JsonValue[]
  for (const [i, json] of cells.entries()) lane.setJson(from + i, json)
}

/**
 * A page of raw arrays and a little JSON: `[count of arrays][length of each][length of the JSON] arrays, each padded to 8 bytes, JSON`.
 * Numbers are in the machine's byte order: checkpoints are disposable and not carried between machines.
 */
export function packPage(arrays: readonly ArrayBufferView[], json: JsonValue): Uint8Array {
  const text = utf8(JSON.stringify(json))
  const head = new Uint32Array(arrays.length + 2)
  head[0] = arrays.length
  head[1] = text.byteLength
  let size = padded(head.byteLength)
  for (const [i, array] of arrays.entries()) {
    head[i + 2] = array.byteLength
    size += padded(array.byteLength)
  }
  const bytes = new Uint8Array(size + text.byteLength)
  bytes.set(new Uint8Array(head.buffer))
  let at = padded(head.byteLength)
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += padded(array.byteLength)
  }
  bytes.set(text, at)
  return bytes
}

/** The parts of a page: each array as bytes on an own, aligned buffer. */
export function unpackPage(bytes: Uint8Array): { readonly arrays: readonly Uint8Array<ArrayBuffer>[]; readonly json: unknown } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = view.getUint32(0, true)
  const textLength = view.getUint32(4, true)
  let at = padded(4 * (count + 2))
  const arrays: Uint8Array<ArrayBuffer>[] = []
  for (let i = 0; i < count; i++) {
    const length = view.getUint32(8 + 4 * i, true)
    arrays.push(bytes.slice(at, at + length))
    at += padded(length)
  }
  return { arrays, json: JSON.parse(fromUtf8(bytes.subarray(at, at + textLength))) as unknown }
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8
}
