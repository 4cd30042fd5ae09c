import { packedBytes, type Part } from './zip-directory.ts'

/** How a part is packed: not at all. */
export const STORED = 0
/** The one other way that is known. */
export const DEFLATED = 8

/** The bytes of a part, in pieces as they are unpacked. */
export function unpacked(bytes: Uint8Array, part: Part): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  const packed = packedBytes(bytes, part)
  if (part.method !== DEFLATED) return [packed]
  return new Blob([Uint8Array.from(packed)]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
}

/** A part's text, as far as the part says that it reaches; of one that is not there ''. */
export async function textOf(bytes: Uint8Array, part: Part | undefined): Promise<string> {
  if (part === undefined) return ''
  const decoder = new TextDecoder()
  let text = ''
  let read = 0
  for await (const piece of unpacked(bytes, part)) {
    if ((read += piece.length) > part.unpacked) break
    text += decoder.decode(piece, { stream: true })
  }
  return text
}
