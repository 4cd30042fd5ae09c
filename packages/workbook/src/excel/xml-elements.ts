/** An element of XML: what stands in its tag behind its name, and between its tags. */
interface Element {
  readonly attributes: string
  readonly content: string
}

/**
 * The elements of a name in a text of XML as Excel writes it (no comments, none of them inside another of the same name), one after the other; the text is gone through once. It ends
 * at one that has no end.
 */
export function* elements(text: string, name: string): Generator<Element> {
  const [begin, close] = [`<${name}`, `</${name}>`]
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at)) {
    const next = text.charAt(at + begin.length)
    at += begin.length
    if (next !== ' ' && next !== '>' && next !== '/') continue
    const end = text.indexOf('>', at)
    if (end < 0) return
    if (text.charAt(end - 1) === '/') {
      yield { attributes: text.slice(at, end - 1), content: '' }
      at = end
      continue
    }
    const closed = text.indexOf(close, end)
    if (closed < 0) return
    yield { attributes: text.slice(at, end), content: text.slice(end + 1, closed) }
    at = closed
  }
}

const ESCAPES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The value of an attribute; '' where there is none. */
export function attribute(attributes: string, name: string): string {
  const begin = ` ${name}="`
  const at = ` ${attributes}`.indexOf(begin)
  if (at < 0) return ''
  const value = ` ${attributes}`.slice(at + begin.length)
  return value.slice(0, Math.max(0, value.indexOf('"'))).replace(/&(amp|lt|gt|quot|apos);/g, (_, escape: string) => ESCAPES[escape] ?? '')
}
