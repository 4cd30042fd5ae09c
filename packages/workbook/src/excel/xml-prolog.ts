import { isSheetflowError } from '@sheetflow/core/errors'
import { refused } from './refused.ts'
import { DEFLATED, STORED, unpacked } from './unpacked.ts'
import type { Part } from './zip-directory.ts'

/** What stands before a document's element is read in pieces; more of it than this is refused. */
const MAX_PROLOG_BYTES = 1024 * 1024

/** Pictures are not read, and those of other programs have a document type. */
const PICTURE = /\.svg$/i

/**
 * Refuses, with `workbook/shape`, a file that declares entities in a part of XML: a document type (`<!DOCTYPE`), which is where they are declared. Excel writes none;
 * they make a small file grow without bounds, or name files of whoever reads it. Only what stands before the part's element is unpacked: further behind there can be none.
 */
export async function refuseEntities(bytes: Uint8Array, parts: readonly Part[]): Promise<void> {
  // A part may be called anything: what reads it goes by the relationships.
  for (const part of parts) if (!PICTURE.test(part.name)) await checkPart(bytes, part)
}

async function checkPart(bytes: Uint8Array, part: Part): Promise<void> {
  if (part.method !== STORED && part.method !== DEFLATED) throw refused(`its part ${part.name} is packed in a way that is not known`, AGAIN)
  await checkPieces(part, unpacked(bytes, part))
}

const AGAIN = 'Open it in Excel and save it again.'

async function checkPieces({ name }: Part, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  let decoder: TextDecoder | null = null
  let text = ''
  let read = 0
  try {
    for await (const piece of pieces) {
      decoder ??= new TextDecoder(encodingOf(piece))
      text += decoder.decode(piece, { stream: true })
      read += piece.length
      const found = endOfProlog(text)
      if (found === 'doctype') throw refused(`its part ${name} declares entities of its own (DOCTYPE)`, AGAIN)
      if (found === 'element') return
      if (read > MAX_PROLOG_BYTES) throw refused(`its part ${name} has no element in its first megabyte`, AGAIN)
    }
  } catch (error) {
    if (isSheetflowError(error)) throw error
    throw refused(`its part ${name} cannot be unpacked`, 'Download or copy it again.')
  }
}

/** By the first bytes, as XML has it: a mark, or how `<` is written. */
function encodingOf([first, second]: Uint8Array): string {
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be'
  return 'utf-8'
}

/** Instructions, comments and space before the element; one of which the end has not come yet. */
const BEFORE = /^\ufeff?(?:\s+|<\?[^]*?\?>|<!--[^]*?-->)*/

function endOfProlog(text: string): 'doctype' | 'element' | null {
  const rest = text.slice(BEFORE.exec(text)?.[0].length ?? 0)
  if (/^<!DOCTYPE/i.test(rest)) return 'doctype'
  return /^(<[^!?]|[^<])/.test(rest) ? 'element' : null
}
